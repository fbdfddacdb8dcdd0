"""Sets summaries, plans and prescriptions as PDF: tagged, in memory, never on disk.

    pdf.render("plan", {...})

`templates/<name>.typ` is the layout; it reads its values from `sys.inputs` and never from its own
source, so nothing a person typed is ever markup. What each template needs stands at its head; the
keys of the sheet (`Sheet`) are common to all.
"""

from clinic.records.pdf.rendering import PdfFailed as PdfFailed
from clinic.records.pdf.rendering import render as render
from clinic.records.pdf.sheet import Sheet as Sheet
