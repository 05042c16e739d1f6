"""The official account 山西青年之声: what it is told, what it answers, whose WeChat belongs to which account."""
