"""The two codes of the pilot: 团干认证码 for the secretary of a branch, 班级认证码 for those who are to fill in a file."""
