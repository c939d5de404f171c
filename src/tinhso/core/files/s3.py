"""Bytes in an S3 bucket: Amazon's, Ceph, MinIO, Garage or a provider's; one object a content, `ab/cd/<sha256>`.

One PUT keeps an object whole or not at all, and carries its SHA-256, so that the store refuses bytes
that changed on the way. The bucket needs no versions; with them, deleting would not delete.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from .disk import CHUNK, Incoming
from .storage import StorageAwayError

_MISSING = {"404", "NoSuchKey", "NotFound"}


@cache
def _client(endpoint: str, region: str, key: str, secret: str) -> Any:
    choices = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",  # what servers other than Amazon's understand
        response_checksum_validation="when_required",
    )
    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=choices,
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Errors of the store in our words; a missing object is FileNotFoundError."""
    try:
        yield
    except ClientError as refused:
        code = str(refused.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise FileNotFoundError(code) from None
        raise StorageAwayError(f"s3:{code}") from refused
    except BotoCoreError as away:
        raise StorageAwayError(type(away).__name__) from away


class Bucket:
    """One bucket; `S3_BUCKET`, `S3_URL`, `S3_REGION`, `S3_KEY`, `S3_SECRET`."""

    remote = True

    def __init__(self, name: str) -> None:
        config = settings.TINHSO
        self.name = name
        self.client = _client(config.s3_url, config.s3_region, config.s3_key, config.s3_secret)

    def _at(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": f"{sha256[:2]}/{sha256[2:4]}/{sha256}"}

    def keep(self, coming: Incoming) -> None:
        try:
            if self._size(coming.sha256) == coming.size:
                return
        except FileNotFoundError:
            pass  # the usual case: nobody handed this in before
        coming.file.seek(0)
        digest = base64.b64encode(bytes.fromhex(coming.sha256)).decode()
        with _answering():
            self.client.put_object(
                **self._at(coming.sha256), Body=coming.file, ContentLength=coming.size, ChecksumSHA256=digest
            )

    def _size(self, sha256: str) -> int:
        with _answering():
            return int(self.client.head_object(**self._at(sha256))["ContentLength"])

    def open(self, sha256: str) -> BinaryIO:
        remote = _Remote(self, sha256, self._size(sha256))
        return cast(BinaryIO, io.BufferedReader(remote, buffer_size=CHUNK // 4))

    def remove(self, sha256: str) -> None:
        with _answering():
            self.client.delete_object(**self._at(sha256))

    def hashes(self) -> Iterator[str]:
        with _answering():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
                for one in page.get("Contents", ()):
                    name = one["Key"].rpartition("/")[2]
                    if len(name) == 64:
                        yield name


class _Remote(io.RawIOBase):
    """An object read as it is asked for: from where the reader stands to its end, until the reader jumps."""

    def __init__(self, bucket: Bucket, sha256: str, size: int) -> None:
        self.bucket, self.sha256, self.size = bucket, sha256, size
        self.position, self.body = 0, None  # type: int, Any

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + (0, self.position, self.size)[whence]
        if place != self.position:
            self._leave()
        self.position = max(0, place)
        return self.position

    def tell(self) -> int:
        return self.position

    def readinto(self, buffer: Any) -> int:
        if self.position >= self.size:
            return 0
        with _answering():
            if self.body is None:
                wanted = f"bytes={self.position}-"
                self.body = self.bucket.client.get_object(**self.bucket._at(self.sha256), Range=wanted)["Body"]
            data = self.body.read(min(len(buffer), self.size - self.position))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def _leave(self) -> None:
        if self.body is not None:
            self.body.close()
            self.body = None

    def close(self) -> None:
        self._leave()
        super().close()
