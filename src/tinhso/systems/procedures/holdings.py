"""The catalogue says nothing about a person but what officials remark; for an anonymised copy."""

from tinhso.core.accounts.copies import empty, treat, whole, words

whole("procedures.field", "procedures.procedure", "procedures.procedureversion", "procedures.variant")
whole("procedures.facet", "procedures.nationalrow", "procedures.importrun", "procedures.flag")
treat("procedures.revision", plain="code data checklist editors", remark=words)
empty("procedures.revisionstep")
