"""The medical record: history, medicines, measurements, documents, visit notes, and who may see."""
