"""Record the help of the peers and write the page of the table."""

from tests.parity import page, record

record.write()
page.PAGE.write_text(page.text())
