"""Live parts of the scheduling pages: each function reads through selectors and renders partials.

The same functions render the first page and every push, so both are equal byte for byte. The topics:

| topic | fragment | audience | changes with |
|---|---|---|---|
| `slots.<practitioner>.<date>.<visit type>.<modality letter>` | `slots.slot_grid` | anyone | that doctor-day, the rules |
| `deskslots.<practitioner>.<date>.<visit type>.<modality letter>` | `slots.slot_grid(for_patient=False)` | desk, that doctor | the same |
| `strip.<practitioner>.<visit type>.<modality letter>.<first date>` | `slots.day_strip` | anyone | any day of the doctor |
| `next.<practitioner>.<visit type or any>` | `next_free.next_chips` | anyone | any day of the doctor |
| `board.<practitioner>.<date>` | `board.day_board` | that doctor, desk, administrator | that doctor-day |
| `week.<practitioner>.<monday>` | `board.week_board` | the same | any day of the doctor |
| `user.<user>` | `mine.holder_state` | that person | own holds and visits |
| `hold.<token>` | `mine.holder_state` | the visitor with the token | own hold |

Ids are UUID hex (32 characters), dates ISO. A change of a doctor-day makes dirty every watched topic that
begins with `<kind>.<practitioner>.<date>` and those that depend on any day of the doctor; a change of
rules makes dirty everything of the practitioner.
"""
