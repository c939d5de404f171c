"""Where in the catalogue a procedure stands and at which level it is decided: changed, seen afterwards, brought back."""

from __future__ import annotations

import pytest
from tests.systems.procedures.test_editing_a_case import begun, published, the_variant
from tests.systems.procedures.test_editor import DESK, desk, filled, in_force

from tinhso.systems.procedures.models import Field, Revision

pytestmark = pytest.mark.usefixtures("province")


def test_a_change_of_level_and_field_is_read_afterwards_and_an_old_version_comes_back_under_its_own() -> None:
    was, admin = in_force("2.000815"), desk("quantri.tinh")
    other = Field.objects.exclude(pk=was.procedure.field_id).first()
    assert other
    url, form = begun()
    assert admin.post(url, filled(form, field=str(other.pk), level="province")).status_code == 302
    procedure = published("2.000815", url).version.procedure
    assert (procedure.level, procedure.field) == ("province", other)
    for page in (f"{DESK}thu-tuc/2.000815/", url):
        told = {change.label: change.lines for change in admin.get(page).context["changes"]}
        assert told["Cấp thực hiện"] == [("-", "Xã, phường"), ("+", "Tỉnh")], page
        assert told["Lĩnh vực"] == [("-", was.procedure.field.name), ("+", other.name)], page

    admin.post(f"{DESK}thu-tuc/2.000815/1/dung-lai/", {"reason": "Phân cấp lại"})
    asked = Revision.objects.get(state="review")
    desk("lanhdao.tinh").post(f"{DESK}thay-doi/{asked.pk}/cong-bo/")
    back = in_force("2.000815").procedure
    assert (back.level, back.field) == ("commune", was.procedure.field)
    assert the_variant("2.000815").decider == ""
