"""Invented illnesses of the demo clinic: what people of an age have, take and measure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Medicine:
    """Name, amount and unit, how often (codes of records.dosage_choices), since how many months."""

    name: str
    amount: str
    unit: str
    frequency: str
    reason: str = ""
    months: int = 12


@dataclass(frozen=True, slots=True)
class Story:
    """One illness: ICD-10-CM code, from which age, how common, its medicines and measurements.

    `measures` are pairs of a measurement's slug and its usual numbers; the drawn ones lie around.
    """

    label: str
    code: str
    from_age: int
    share: float
    medicines: tuple[Medicine, ...] = ()
    measures: tuple[tuple[str, tuple[float, ...]], ...] = field(default=())


STORIES = (
    Story(
        "High blood pressure",
        "I10",
        38,
        0.34,
        (Medicine("Ramipril 5 mg tablets", "1", "tablet", "once", "Blood pressure"),),
        (("blood-pressure", (138, 86)),),
    ),
    Story(
        "Type 2 diabetes",
        "E11.9",
        42,
        0.13,
        (Medicine("Metformin 500 mg tablets", "1", "tablet", "twice", "Diabetes"),),
        (("glucose", (8.1,)),),
    ),
    Story(
        "Asthma",
        "J45.909",
        5,
        0.12,
        (Medicine("Salbutamol 100 microgram inhaler", "2", "puff", "as-needed", "Asthma"),),
    ),
    Story(
        "Underactive thyroid",
        "E03.9",
        30,
        0.08,
        (Medicine("Levothyroxine 75 microgram tablets", "1", "tablet", "once", "Thyroid"),),
    ),
    Story(
        "High cholesterol",
        "E78.5",
        45,
        0.22,
        (Medicine("Atorvastatin 20 mg tablets", "1", "tablet", "once", "Cholesterol"),),
    ),
    Story("Migraine", "G43.909", 16, 0.11),
    Story("Hay fever", "J30.1", 6, 0.18),
    Story("Low back pain", "M54.50", 25, 0.14),
    Story(
        "Depression",
        "F32.A",
        18,
        0.09,
        (Medicine("Sertraline 50 mg tablets", "1", "tablet", "once", "Low mood"),),
    ),
    Story("Osteoarthritis of the knee", "M17.9", 55, 0.2),
    Story("Eczema", "L30.9", 1, 0.08),
)

# Substance, category, reaction, criticality.
ALLERGIES = (
    ("Penicillin", "medication", "Rash and swelling", "high"),
    ("Latex", "environment", "Contact rash", "low"),
    ("Peanut", "food", "Swollen lips", "high"),
    ("Ibuprofen", "medication", "Wheezing", "high"),
    ("Grass pollen", "environment", "Sneezing, itching eyes", "low"),
    ("Trimethoprim", "medication", "Rash", "low"),
)
ALLERGIC_SHARE = 0.28
NONE_STATED_SHARE = 0.4

# Vaccine, CVX code, usual age in years, share of people who had it.
VACCINES = (
    ("Influenza vaccine", "140", 30, 0.5),
    ("Tetanus and diphtheria vaccine", "09", 12, 0.7),
    ("COVID-19 vaccine", "218", 14, 0.6),
    ("Measles, mumps and rubella vaccine", "03", 1, 0.9),
)

Note = tuple[str, str, str, str, str]

# What a doctor writes of a visit: subjective, objective, assessment, plan, for the patient.
NOTES: tuple[Note, ...] = (
    (
        "Feels well. No chest pain, no breathlessness. Takes the tablets every day.",
        "Looks well. Heart and lungs without findings. No swelling of the legs.",
        "Stable.",
        "Continue as before. Bloods before the next visit.",
        "Keep taking your tablets as before. Please have your blood taken a week before we meet.",
    ),
    (
        "Cough for nine days, at first with fever, now less. No breathlessness.",
        "Temperature normal. Lungs clear. Throat slightly red.",
        "Viral infection, getting better.",
        "Rest and fluids. Come back if there is fever again or breathlessness.",
        "Your cough should be gone within two weeks. Come back if you get a fever again.",
    ),
    (
        "Pain in the lower back after lifting, since four days. No numbness, no weakness.",
        "Movement limited by pain. Strength and reflexes equal on both sides.",
        "Simple back strain.",
        "Keep moving, warmth, paracetamol as needed. Physiotherapy if not better in four weeks.",
        "Stay active: bed rest makes it last longer. Paracetamol helps on bad days.",
    ),
    (
        "Comes for the results. No complaints.",
        "Not examined today.",
        "Results within the usual range.",
        "Check again in a year.",
        "Your results are fine. We will look again in a year.",
    ),
)

# Which of them belongs to a visit, by a word of its reason.
NOTE_OF = {
    "pressure": 0,
    "asthma": 0,
    "diabetes": 0,
    "prescription": 0,
    "cough": 1,
    "fever": 1,
    "ear pain": 1,
    "pain": 2,
    "results": 3,
    "check": 3,
    "headache": 0,
}
