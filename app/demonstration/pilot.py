"""The pilot of April 2016: which organisations took part, with how many files each.

The province saw 6,337 files in 192 organisations, the city of Shuozhou 4,124 in 9: 朔州师范 3,488 and
朔州职业技术学校 636; 中北大学朔州校区 had 2,213. Organisations are counted that have files or an administrator.
"""

from dataclasses import dataclass

SHUOZHOU = "140600"
NORMAL_SCHOOL = "4114014462"
NORTH_UNIVERSITY = "4114010110"
VOCATIONAL_SCHOOL = "140600-0001"
CAMPUS = "4114010110-01"
CAMPUS_FILES = 2213
CAMPUS_BRANCHES = 174


@dataclass(frozen=True)
class Branch:
    """A branch of the pilot and how many files it holds; ``degree`` is what its people study for (GB/T 4658)."""

    name: str
    files: int
    degree: str

    @property
    def expected(self) -> int:
        """How many it expects: as many as have come, or up to half as many again."""
        return self.files * (100 + 7 * (self.files % 8)) // 100


NORMAL_BRANCHES = (
    Branch("中文系团支部", 1296, "31"),
    Branch("数学系团支部", 1174, "31"),
    Branch("艺术系团支部", 980, "31"),
    Branch("会计20184班团支部", 38, "31"),
)
VOCATIONAL_BRANCHES = (Branch("机电部团支部", 402, "41"), Branch("护理部团支部", 234, "41"))
CAMPUS_COLLEGES = ("机械工程学院", "信息工程学院", "化学工程学院", "经济管理学院", "人文社会学院", "理学院")
CLASS_BRANCH = NORMAL_BRANCHES[-1].name


def campus_sizes() -> list[int]:
    """How many files each branch of the campus holds: skewed, none empty, CAMPUS_FILES together.

    >>> sum(campus_sizes()) == CAMPUS_FILES and len(campus_sizes()) == CAMPUS_BRANCHES
    True
    """
    weights = [4 + (index * 7) % 17 for index in range(CAMPUS_BRANCHES)]
    sizes = [CAMPUS_FILES * weight // sum(weights) for weight in weights]
    sizes[0] += CAMPUS_FILES - sum(sizes)
    return sizes


def campus_branches() -> list[tuple[str, Branch]]:
    """(college, branch) for every branch of the campus: classes of four years, numbered as schools do."""
    found = []
    for index, files in enumerate(campus_sizes()):
        college = CAMPUS_COLLEGES[index % len(CAMPUS_COLLEGES)]
        year, number = 2022 + index // len(CAMPUS_COLLEGES) % 4, index // (len(CAMPUS_COLLEGES) * 4) + 1
        found.append((college, Branch(f"{college[:2]}{year}级{number}班团支部", files, "21")))
    return found
