"""Short lines, and words that are easily taken for each other; all of them our own."""

# ruff: noqa: E501 -- lists of words read best as lists of words.
from __future__ import annotations

__all__ = ["CONFUSABLE", "INTERJECTIONS", "PHRASES", "REPLIES"]

PHRASES = (
    "Hmm, maybe.", "Yes, I believe so.", "No way!", "Oh, wow.", "Um, well, perhaps.", "Bye bye!",
    "Whoa, what was that?", "Come on, move!", "Mm, my favourite.", "Stop, stop, stop!",
    "I'm sorry.", "Thank you very much.", "What do you mean?", "Please don't leave me.",
    "Help me!", "Beep, beep.", "Papa, may I have some more?", "We were away for a while.",
    "Five, four, three, two, one, go!", "Pop the bubble, Bob.", "Who are you?", "Ow!", "Ah, of course.",
    "You and I, we owe you a few.", "Are you all right?", "Oh no, not you too.", "Wait for me!",
    "Go, go, go!", "Ha, very funny.", "Ooh, how cool.", "Yeah, yeah, whatever.", "Boom!", "Up, up, up.",
    "Keep up!", "Get up.", "Shut up, Bob.", "Give it up.", "Grab the rope, quick!", "Stay with me.",
    "It's a trap!", "Behind you!", "Watch your step.", "I can't hear you.", "Don't move a muscle.",
    "I'll be back before five.", "Nobody move!", "Let me think.", "That's not fair.", "You promised me.",
    "What's wrong with him?", "I told you so.", "Leave them alone.", "Where have you been?",
    "Some nice sun.", "Seven minutes.", "Not in my name.", "I mean it.", "Same time tomorrow?",
    "Never mind.", "My mum made me a muffin.", "How many of them?", "Off we go.", "Have a look.",
    "Of all the rotten luck.", "If only.", "Enough is enough.", "Love it or leave it.", "Very well, then.",
)  # fmt: skip
"""Short things that people say in games and films."""

REPLIES = (
    "no yes yeah nope yep maybe never always what why how who when where now then here there stop go "
    "come wait help run jump move look listen please thanks sorry hello hi bye goodbye okay fine good bad "
    "right wrong left up down in out on off over under me you him her us them mine yours both none some "
    "one two three four five six seven eight nine ten mum mom dad bob pam map lamb lap lab cap cab cup "
    "up pop mop top tip tap rope robe home comb foam name game time team dream farm film arm warm "
    "off if of love five give save move leaf leave safe life live wolf elf self twelve "
    "me may my more moon moo bee bay buy bow boo pea pay pie poor pooh fee fay fie foe few vee vow view "
    "we way why woe woo you oh ah ooh aw ow eye"
)
"""Words that stand alone as a whole line, separated by blanks."""

INTERJECTIONS = (
    "oh", "ah", "ooh", "aw", "ow", "oops", "wow", "whoa", "hey", "hmm", "um", "er", "uh", "huh", "ugh", "mm",
    "well", "right", "okay", "yeah", "no", "look", "listen", "please", "ha", "ha ha", "phew", "bah", "pff",
    "boo", "psst", "yay", "oh my", "my my", "come on", "you know", "I mean", "wait",
)  # fmt: skip
"""What people say before they say something."""

CONFUSABLE = (
    "some sun", "sum son", "sim sin", "seem seen", "same sane", "dim din", "them then", "team teen", "time tine",
    "game gain", "lime line", "home hone", "comb cone", "foam phone", "mine nine", "map nap", "mice nice",
    "moon noon", "more nor", "mow no", "meet neat", "met net", "mud nud", "mail nail", "might night", "mock knock",
    "simmer sinner", "dimmer dinner", "summer sunny", "hammer hanner", "coming cunning", "swimming winning",
    "some nice", "sun moon", "seven minutes", "on my mind", "in many names", "nine men", "common enemy",
    "ten pens", "ten men", "in Memphis", "one more", "an ample lamp", "human", "woman women", "minimum", "aluminium",
    "pat tat cat", "pin tin kin", "pea tea key", "cap cat cack", "lap lat lack", "rip writ rick", "up ut uck",
    "popped potted pocket", "bat that gat", "bay day gay", "bib bid big", "rob rod rogue", "lab lad lag", "abbey addy",
    "fin thin sin", "fought thought sought", "roof Ruth", "loaf loath", "van than", "vat that", "live lithe",
    "vet wet", "vine wine", "vest west", "veil whale", "berry very", "ban van", "best vest", "dub dove", "curb curve",
    "pull full", "pool fool", "leap leaf", "cup cuff", "rip riff", "copy coffee", "what button", "that bag", "right now",
    "not me", "hot milk", "good man", "bad boy", "cat fight", "eight bells", "get back", "big bang", "book mark",
    "lamp post", "jump back", "hempen", "empty", "amber", "number", "symbol", "triumph", "nymph", "comfort", "symphony",
    "obvious", "subvert", "cupful", "helpful", "cab fare", "stop first", "wasp", "clasp", "gulp", "bulb", "elm", "film",
    "harp", "curb", "farm", "prompt", "glimpsed", "bumped", "robbed", "rubs", "lamps", "films", "fifths", "twelfth",
    "apt", "abrupt", "absorbed", "upbeat", "hip bone", "top man", "club members", "some boys", "some people",
)  # fmt: skip
"""Neighbours and rivals of the phones that shut the lips or bring them to the teeth."""
