"""The portal itself: what it was told, in order; what it has for the province; how it is told to behave."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .catalogue import ROWS
from .rules import DOSSIER, STEP, Fault, check, whole

PAGE = 50  # rows of the catalogue in one answer
Record = dict[str, Any]


@dataclass(frozen=True)
class Manner:
    """How it behaves until a moment: `ok`, `slow` (seconds an answer takes), `down` (hangs up), `busy` (503) or
    `refuse` (every dossier, naming a field)."""

    mode: str = "ok"
    until: float = float("inf")
    delay: float = 3.0
    field: str = "MaHoSo"

    @property
    def now(self) -> str:
        return self.mode if time.monotonic() < self.until else "ok"


@dataclass
class Portal:
    """Everything it remembers; over a restart too where it has a `journal`, because who told it will not tell again."""

    unit: str
    user: str
    password: str
    dossiers: dict[str, Record] = field(default_factory=dict)  # newest, by MaHoSo
    steps: dict[str, list[Record]] = field(default_factory=dict)
    heard: list[tuple[str, str, Record]] = field(default_factory=list)  # service, MaHoSo, record: what was new
    repeated: int = 0
    refused: list[Record] = field(default_factory=list)
    applications: dict[str, Record] = field(default_factory=dict)
    answers: dict[str, list[Record]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # other than those of `citizen`, by name
    catalogue: list[Record] = field(default_factory=lambda: [dict(row) for row in ROWS])
    sessions: set[str] = field(default_factory=set)
    manner: Manner = field(default_factory=Manner)
    lock: threading.RLock = field(default_factory=threading.RLock)
    journal: Path | None = None

    def __post_init__(self) -> None:
        if self.journal is not None and self.journal.exists():
            for line in self.journal.read_text().splitlines():
                kind, value = json.loads(line)
                self._keep(kind, value)

    def remember(self, kind: str, value: Any) -> None:
        """Keep a dossier or step (by the name of its service), an `application`, or our `answer` to one."""
        with self.lock:
            self._keep(kind, value)
            if self.journal is not None:
                with self.journal.open("a") as journal:
                    journal.write(json.dumps([kind, value], ensure_ascii=False) + "\n")

    def _keep(self, kind: str, value: Record) -> None:
        if kind == "application":
            self.applications[value["MaHoSoQuocGia"]] = value
            return
        if kind == "answer":
            self.answers.setdefault(value["MaHoSoQuocGia"], []).append(value)
            return
        if kind == "DongBoHoSoMC":
            self.dossiers[value["MaHoSo"]] = value
        else:
            self.steps.setdefault(value["MaHoSo"], []).append(value)
        self.heard.append((kind, value["MaHoSo"], value))

    def login(self, body: Mapping[str, Any]) -> Record:
        if (body.get("username"), body.get("password")) != (self.user, self.password):
            return {"error_code": "401", "message": "Sai tài khoản hoặc mật khẩu"}
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return {"error_code": "0", "session": session}

    def call(self, body: Mapping[str, Any]) -> Record:
        """One service call; answers as the portal does, with HTTP 200 also for refusals."""
        services: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "DongBoHoSoMC": self._dossiers,
            "CapNhatTienDoHoSoMC": self._steps,
            "LayDanhSachHoSo": self._waiting,
            "TraLoiHoSo": self._answered,
            "LayDanhSachTTHC": self._catalogue,
        }
        if body.get("session") not in self.sessions:
            return {"error_code": "401", "message": "Phiên làm việc đã hết hạn"}
        try:
            if body.get("madonvi") != self.unit:
                raise Fault("20", "madonvi", "đơn vị không được cấp quyền")
            if body.get("service") not in services:
                raise Fault("21", "service", "không có dịch vụ này")
            with self.lock:
                return {"error_code": "0", "result": services[str(body["service"])](body)}
        except Fault as fault:
            self.refused.append({"service": body.get("service"), "code": fault.code, "field": fault.field})
            return {"error_code": fault.code, "field": fault.field, "message": fault.message}

    def _records(self, body: Mapping[str, Any]) -> list[Any]:
        if self.manner.now == "refuse" and body["service"] in ("DongBoHoSoMC", "CapNhatTienDoHoSoMC"):
            raise Fault("99", self.manner.field, "bị từ chối theo cài đặt của trình mô phỏng")
        data = body.get("data")
        if not isinstance(data, list) or not data:
            raise Fault("02", "data", "phải là danh sách có ít nhất một phần tử")
        return data

    def _dossiers(self, body: Mapping[str, Any]) -> None:
        updating, data = body.get("isUpdating"), self._records(body)
        if updating not in ("True", "False"):
            raise Fault("05", "isUpdating", "phải là True hoặc False")
        for record in data:
            check(record, DOSSIER)
            whole(record)
            known = self.dossiers.get(record["MaHoSo"])
            if known == record:
                self.repeated += 1
                continue
            if (known is not None) != (updating == "True"):
                word = "đã có, phải gửi isUpdating = True" if known else "chưa có, phải gửi isUpdating = False"
                raise Fault("10", "MaHoSo", f"hồ sơ {word}")
            self.remember("DongBoHoSoMC", record)

    def _steps(self, body: Mapping[str, Any]) -> None:
        for record in self._records(body):
            check(record, STEP)
            if record["MaHoSo"] not in self.dossiers:
                raise Fault("11", "MaHoSo", "chưa đồng bộ hồ sơ này")
            before = self.steps.get(record["MaHoSo"], [])
            if record in before:
                self.repeated += 1
                continue
            if before and record["ThoiDiemXuLy"] < before[-1]["ThoiDiemXuLy"]:
                raise Fault("12", "ThoiDiemXuLy", "sớm hơn bước đã nhận trước đó")
            if record["NgayBatDau"] and record["NgayBatDau"] > record["ThoiDiemXuLy"]:
                raise Fault("09", "NgayBatDau", "muộn hơn ThoiDiemXuLy")
            self.remember("CapNhatTienDoHoSoMC", record)

    def _waiting(self, body: Mapping[str, Any]) -> list[Record]:
        """Applications nobody has answered, oldest first; or the one that is asked for."""
        if number := body.get("MaHoSoQuocGia"):
            return [self.applications[number]] if number in self.applications else []
        return [one for number, one in self.applications.items() if number not in self.answers][:PAGE]

    def _answered(self, body: Mapping[str, Any]) -> None:
        (said,) = self._records(body)
        number = said.get("MaHoSoQuocGia")
        if number not in self.applications:
            raise Fault("11", "MaHoSoQuocGia", "không có hồ sơ này")
        if bool(said.get("MaHoSo")) == bool(said.get("LyDo")):
            raise Fault("08", "MaHoSo", "hoặc mã hồ sơ, hoặc lý do")
        self.remember("answer", said)

    def _catalogue(self, body: Mapping[str, Any]) -> list[Record]:
        page = body.get("trang")
        if not isinstance(page, int) or page < 1:
            raise Fault("06", "trang", "phải là số từ 1")
        return self.catalogue[(page - 1) * PAGE : page * PAGE]

    def seen(self) -> Record:
        """What it was told, for tests and for the page."""
        with self.lock:
            return {
                "dossiers": self.dossiers,
                "heard": self.heard,
                "repeated": self.repeated,
                "refused": self.refused,
                "answers": self.answers,
                "manner": self.manner.now,
            }
