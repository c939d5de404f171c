from tinhso.core.agencies import units


def test_there_are_34_provinces_and_3321_communes():
    assert len(units.provinces()) == 34
    assert sum(len(units.communes(p.code)) for p in units.provinces()) == 3321


def test_a_unit_knows_its_name_kind_and_province():
    ward = units.unit("24133")
    assert (ward.full_name, ward.kind, ward.parent) == ("Phường Buôn Ma Thuột", "phường", "66")
    assert ward in units.communes("66")
    assert units.unit("99999") is None
    assert units.communes("99") == ()
