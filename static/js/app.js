// Behaviors of every page, one a file. Each listens on the document, so a piece that arrives over the
// socket needs no set-up. The order of the last three is their order of work on an arriving piece.
import "./modules/theme.js";
import "./modules/dialogs.js";
import "./modules/print.js";
import "./modules/guard.js";
import "./modules/roving.js";
import "./modules/keys.js";
import "./modules/countdown.js";
import "./modules/hold.js";
import "./modules/toasts.js";
import "./modules/requests.js";
import "./modules/reveal.js";
import "./modules/concept.js";
import "./modules/restore.js";
import "./modules/record.js";
import "./modules/focus.js";
import "./modules/connection.js";
import "./modules/now.js";
import "./modules/fill.js";
import "./modules/filters.js";
import "./modules/autosave.js";
import "./modules/note.js";
import "./modules/chosen.js";
import "./modules/arrivals.js";
import "./modules/pending.js";
import "./modules/mine.js";
import "./modules/fresh.js";
