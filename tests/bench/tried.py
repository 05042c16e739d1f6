"""What was tried for the goals that are not reached on one small machine, said beside each row that falls short."""

TRIED: dict[str, str] = {
    "P1": (
        "A page costs what Flask, a session, SQLAlchemy and Jinja cost before it has a row: some 1.8 ms where ten bare "
        "answers are 1.3. Statements are made once and run past the unit of work, the navigation is drawn once, "
        "addresses and macros are made once. Handing the middle of a page up in one piece gained a tenth on the longest."
    ),
    "P3": (
        "Each cell of a row names its column for narrow screens: 30 KB plain, a ninth of it compressed. Without the "
        "names the cards of a phone would not say what they show."
    ),
    "P5": "As P4: the list around one row, and the counted look-up.",
    "P4": (
        "The search itself meets its goal; the page around it is the list of P1, and every search is counted against "
        "its limit in a durable transaction of its own."
    ),
    "P6": "Nine statements, each made once; the rest is the page of P1.",
    "P7": (
        "A decision writes two entries of the log, the file, its history, counters and messages through the unit of "
        "work; Core alone would write them a third faster and say each rule twice."
    ),
    "P8": "As P7.",
    "P9": "As P7; the form is read and checked anew before it is taken.",
    "P10": (
        "A province adds up a thousand counters (2 ms) so that no row is written by everybody; its 总数 over all branches "
        "is kept for a minute. What remains is the picture: some five hundred places measured out and drawn."
    ),
    "P12": (
        "Each row is read by the intake of every door, judged twice (for the preview, and again as it is put in), sealed "
        "three times with its blind indexes and written with its log, history and counters: the floor does none of it. "
        "Plain text takes a short way through the cleaning, what many rows share is cleaned once, rows are read before "
        "the writer's turn and written with their numbers by COPY or in one statement: half of what it took."
    ),
    "P13": "As P12.",
    "P14": (
        "Two hundred rows in each transaction, read before it begins; fewer would take longer in all. The log of the "
        "embedded database is carried over beside the turn. What is left is the one commit that meets the disk at work."
    ),
    "P15": (
        "Sealing ID number and phone with their blind indexes, the log's signature and the index of names are nine "
        "tenths of it; all of it goes in few statements, by COPY on PostgreSQL."
    ),
    "P16": "Each number is unsealed and masked, the rest is the floor.",
    "P17": "Each statement answers a question of its own; joining them would save round trips and cost legibility.",
    "P18": (
        "The libraries alone take 51 MB and the application 25; names are read from two small tables instead of a "
        "dictionary of 55 MB. Smaller page caches of the database changed nothing."
    ),
    "P19": (
        "Sealed ID number and phone with their blind indexes take 300 bytes of a file before anything else, its log, "
        "history and name index the rest. Not reachable with sealing."
    ),
    "P20": (
        "Alembic and the drivers are loaded where they are used. Half of the rest is the application's own 330 "
        "modules: tables, forms and messages are classes made at import."
    ),
}
"""Goal → what was tried, or why it cannot be."""
