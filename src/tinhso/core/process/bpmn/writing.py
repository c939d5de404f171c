"""A step graph as a BPMN file with its layout."""

from __future__ import annotations

import lxml.etree as etree

from ..graph import Graph, Join, Step
from . import BPMN, BPMNDI, DC, DI, OWN, XSI
from .diagram import GAP_Y, HEAD, SIZES, Arrow, Diagram, Shape, draw, lane_name

_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "userTask",
    "wait": "receiveTask",
    "timer": "boundaryEvent",
    "exclusive": "exclusiveGateway",
    "fork": "parallelGateway",
    "join": "parallelGateway",
}
_ISO = {"working_hours": "PT{}H", "working_days": "P{}D", "calendar_days": "P{}D", "months": "P{}M"}


def write(graph: Graph, name: str = "") -> bytes:
    """The BPMN 2.0 of a graph without faults; `reading.read` gives the same graph back."""
    diagram = draw(graph)
    root = etree.Element(
        _tag(BPMN, "definitions"),
        nsmap={"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "tinhso": OWN},
        attrib={"id": "Definitions", "targetNamespace": OWN, "exporter": "tinhso"},
    )
    pool = _add(_add(root, "collaboration", id="Collaboration"), "participant", id="Pool", processRef="Process")
    if name:
        pool.set("name", name)
    process = _add(root, "process", id="Process", isExecutable="false")
    lanes = _add(process, "laneSet", id="Lanes")
    for number, (lane, shapes) in enumerate(diagram.lanes.items(), 1):
        row = _add(lanes, "lane", id=f"Lane_{number}", name=lane_name(*lane))
        row.set(_tag(OWN, "role"), lane[0])
        row.set(_tag(OWN, "agency"), lane[1])
        for shape in [*shapes, *(diagram.shapes[t] for t in diagram.hosts if diagram.shapes[t].lane == lane)]:
            _add(row, "flowNodeRef").text = shape.id
    for shape in diagram.shapes.values():
        _element(process, shape, diagram)
    for arrow in diagram.arrows:
        _flow(process, arrow)
    _layout(root, diagram)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _add(parent: etree._Element, tag: str, namespace: str = BPMN, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _tag(namespace, tag), attrib=attributes)


def _element(process: etree._Element, shape: Shape, diagram: Diagram) -> None:
    element = _add(process, _TAGS[shape.kind], id=shape.id)
    if shape.name:
        element.set("name", shape.name)
    node = diagram.graph.nodes.get(shape.key) if shape.kind not in ("timer", "end") else None
    if node:
        _own(element, key=shape.key if shape.id != shape.key else "", nameEn=node.names.get("en", ""))
    if isinstance(node, Join):
        _own(element, needed=str(node.needed or ""))
    elif isinstance(node, Step):
        limit = node.duration
        _own(element, kind=node.kind, amount=str(limit.amount) if limit else "", unit=str(limit.unit) if limit else "")
    default = next((arrow.id for arrow in diagram.arrows if arrow.source == shape.id and arrow.default), None)
    if default:
        element.set("default", default)
    for name, end in (("incoming", "target"), ("outgoing", "source")):
        for arrow in diagram.arrows:
            if getattr(arrow, end) == shape.id:
                _add(element, name).text = arrow.id
    if shape.kind == "end" and shape.key:
        _add(element, "terminateEventDefinition", id=f"{shape.id}_all")
    if shape.kind == "timer":
        _timer(element, diagram.graph.step(shape.key), diagram.hosts[shape.id])


def _own(element: etree._Element, **attributes: str) -> None:
    for name, value in attributes.items():
        if value:
            element.set(_tag(OWN, name), value)


def _timer(element: etree._Element, step: Step, host: str) -> None:
    assert step.timeout is not None
    limit = step.timeout.duration
    element.set("attachedToRef", host)
    _own(element, unit=str(limit.unit))
    time = _add(_add(element, "timerEventDefinition", id=f"{element.get('id')}_time"), "timeDuration")
    time.set(_tag(XSI, "type"), "bpmn:tFormalExpression")
    time.text = _ISO[limit.unit].format(limit.amount)


def _flow(process: etree._Element, arrow: Arrow) -> None:
    flow = _add(process, "sequenceFlow", id=arrow.id, sourceRef=arrow.source, targetRef=arrow.target)
    if arrow.label:
        flow.set("name", arrow.label)
    if arrow.outcome:
        flow.set(_tag(OWN, "outcome"), arrow.outcome)
    if arrow.condition:
        condition = _add(flow, "conditionExpression")
        condition.set(_tag(XSI, "type"), "bpmn:tFormalExpression")
        condition.text = arrow.condition


def _layout(root: etree._Element, diagram: Diagram) -> None:
    plane = _add(
        _add(root, "BPMNDiagram", BPMNDI, id="Diagram"), "BPMNPlane", BPMNDI, id="Plane", bpmnElement="Collaboration"
    )
    width = max(shape.x + shape.size[0] for shape in diagram.shapes.values()) + HEAD * 2
    bands = lane_bands(diagram)
    _shape(plane, "Pool", (0, 0, width, bands[-1][1]), isHorizontal="true")
    for number, (top, bottom) in enumerate(bands, 1):
        _shape(plane, f"Lane_{number}", (HEAD, top, width - HEAD, bottom - top), isHorizontal="true")
    for shape in diagram.shapes.values():
        more = {"isMarkerVisible": "true"} if shape.kind == "exclusive" else {}
        _shape(plane, shape.id, (shape.x, shape.y, *shape.size), **more)
    for arrow in diagram.arrows:
        edge = _add(plane, "BPMNEdge", BPMNDI, id=f"{arrow.id}_di", bpmnElement=arrow.id)
        for x, y in _way(diagram, arrow):
            _add(edge, "waypoint", DI, x=str(x), y=str(y))


def _shape(plane: etree._Element, element: str, bounds: tuple[int, int, int, int], **more: str) -> None:
    shape = _add(plane, "BPMNShape", BPMNDI, id=f"{element}_di", bpmnElement=element, **more)
    _add(shape, "Bounds", DC, **dict(zip(("x", "y", "width", "height"), map(str, bounds), strict=True)))


def lane_bands(diagram: Diagram) -> list[tuple[int, int]]:
    """Top and bottom of each lane."""
    bands, top = [], 0
    for inside in diagram.lanes.values():
        bottom = top + (max(shape.row for shape in inside) + 1) * (SIZES["task"][1] + GAP_Y) + GAP_Y
        bands.append((top, bottom))
        top = bottom
    return bands


def _way(diagram: Diagram, arrow: Arrow) -> list[tuple[int, int]]:
    """Corners of a flow: forward in the gap before its target, backward under the elements."""
    one, other = diagram.shapes[arrow.source], diagram.shapes[arrow.target]
    (w, h), (v, k) = one.size, other.size
    if one.kind == "timer":
        bottom = one.y + h + 12
        start = [(one.x + w // 2, one.y + h), (one.x + w // 2, bottom)]
    else:
        bottom = one.y + h // 2
        start = [(one.x + w, bottom)]
    before, rank = diagram.rank_of(arrow)
    if rank > before:
        gap, middle = other.x - 20, other.y + k // 2
        corners = [] if middle == bottom else [(gap, bottom), (gap, middle)]
        return [*start, *corners, (other.x, middle)]
    under = max(one.y + h, other.y + k) + 14
    return [
        (one.x + w // 2, one.y + h),
        (one.x + w // 2, under),
        (other.x + v // 2, under),
        (other.x + v // 2, other.y + k),
    ]
