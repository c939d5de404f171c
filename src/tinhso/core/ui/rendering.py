"""Django's forms in our look: `{{ form }}` and `{{ form.name.as_field_group }}` use our parts."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    form_template_name = "ui/parts/form.html"
    field_template_name = "ui/parts/field.html"
