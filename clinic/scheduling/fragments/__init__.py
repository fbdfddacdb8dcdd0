"""Live parts of the scheduling pages: each function reads through selectors, renders partials.

The same functions render the first page and every push, so both are equal byte for byte. The topics
(ids are UUID hex, dates ISO, `mode` is the first letter of the modality):

| topic | fragment | audience |
|---|---|---|
| `slots.<practitioner>.<date>.<visit type>.<mode>` | `slots.slot_grid` | anyone |
| `deskslots.<practitioner>.<date>.<visit type>.<mode>` | the same, for staff | desk, that doctor |
| `strip.<practitioner>.<visit type>.<mode>.<first date>` | `slots.day_strip` | anyone |
| `next.<practitioner>.<visit type or any>[.<mode>]` | `next_free.next_chips` | anyone |
| `board.<practitioner>.<date>` | `board.day_board(with_reason=True)` | that doctor |
| `deskboard.<practitioner>.<date>` | `board.day_board(with_reason=False)` | desk, administrator |
| `week.<practitioner>.<monday>`, `deskweek...` | `board.week_board` | as the day boards |
| `visit.<appointment>`, `deskvisit...` | `board.visit_panel` | as the day boards |
| `user.<user>` | `mine.holder_state` | that person |
| `hold.<token>` | `mine.holder_state` | the visitor with the token |

A change of a doctor-day makes dirty every watched topic that begins with
`<kind>.<practitioner>.<date>` and those that depend on any day of the doctor (`strip`, `next`,
`week`); a change of rules makes dirty everything of the practitioner.
"""
