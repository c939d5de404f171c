"""Constructed people. Their names and numbers follow from a number of ours, so any process makes the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FAMILY = (
    *("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ"),
    *("Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"),
)
MIDDLE = {
    "male": ("Văn", "Đức", "Minh", "Quốc", "Hữu", "Thanh", "Công"),
    "female": ("Thị", "Ngọc", "Thu", "Kim", "Thanh", "Bích", "Mỹ"),
}
GIVEN = (
    *("An", "Bình", "Châu", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hiền", "Hòa", "Khánh", "Lan", "Linh", "Long", "Mai"),
    *("Nam", "Nga", "Ngân", "Phúc", "Phương", "Quân", "Quỳnh", "Sơn", "Tâm", "Thảo", "Thịnh", "Trang", "Tuấn", "Vinh"),
)
ALIKE = 112  # people so far apart share year of birth and sex: 56 years, two sexes


@dataclass(frozen=True)
class Citizen:
    """Someone who does not exist."""

    number: int
    province: str

    @property
    def sex(self) -> str:
        return "female" if self.number % 2 else "male"

    @property
    def year(self) -> int:
        return 1950 + self.number % ALIKE // 2

    @property
    def born(self) -> date:
        return date(self.year, 1, 1) + timedelta(days=self.number % ALIKE * 37 % 365)

    @property
    def full_name(self) -> str:
        middle, mixed = MIDDLE[self.sex], self.number * 2_654_435_761 % 2**32 >> 4
        return f"{FAMILY[mixed % 16]} {middle[mixed // 16 % 7]} {GIVEN[mixed // 112 % len(GIVEN)]}"

    @property
    def national_id(self) -> str:
        """Twelve digits that agree with year and sex. Serials from 200000: below are those of the demo."""
        century = (0 if self.year < 2000 else 2) + self.number % 2
        return f"0{self.province}{century}{self.year % 100:02}{200_000 + self.number // ALIKE:06}"

    @property
    def phone(self) -> str:
        """In a range that no operator gives out."""
        return f"090{self.number % 10**7:07}"
