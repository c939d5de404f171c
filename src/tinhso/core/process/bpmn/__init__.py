"""BPMN 2.0 (ISO/IEC 19510): step graphs written as XML with a layout, and read from it.

What the engine runs, and how it is said::

    step               userTask, task or manualTask; `tinhso:kind`; its lane says role and agency
    wait for applicant receiveTask; a boundary timer says how long (`timeDuration`)
    duration           `tinhso:amount`, `tinhso:unit` (working_hours, working_days, calendar_days, months)
    outcomes           flows of the exclusive gateway after the task, `outcome = "accept"`;
                       a single one on the task's own flow, `tinhso:outcome`; of a kind that may end
                       any way (`consult`) one flow without a word is taken however it ends
    parallel branches  parallelGateway with one way in; they meet in one with one way out,
                       `tinhso:needed` where it does not wait for all
    choice             exclusiveGateway with a text of `forms.expressions` on each flow and a default
    end                endEvent; among parallel branches with a terminateEventDefinition, as it ends the whole

Everything else is named, element by element, and refused. `reading` and `writing` are inverse.
"""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OWN = "https://tinhso.vn/ns/process/1"  # our extension attributes; a name, not an address
