#!/usr/bin/env python3
"""Writes vader_golden.tsv: sentences and what the reference implementation of VADER makes of them.

    python3 -m zipfile -e BUILD/packages/vaderSentiment-3.3.2-py2.py3-none-any.whl FOLDER
    python3 make_vader_golden.py FOLDER > vader_golden.tsv

Columns: the text as a JSON string, negative, neutral, positive, compound.
"""
import itertools
import json
import random
import sys

sys.path.insert(0, sys.argv[1])
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: E402

WRITTEN = """
The new release is out.
The new release is good.
The new release is really good!
The new release is REALLY good!!
The new release is REALLY GOOD!!!
THE NEW RELEASE IS REALLY GOOD!!!!!
Is the new release good?
Is the new release good??
Is the new release good???
Is the new release good????
Is it good?! Is it bad?!
The new release is not good.
The new release isn't good.
The new release ISN'T good.
The new release is never good.
The new release was never so good.
The new release was never this good!
It has never been so beautifully terrible.
Without doubt a great update.
Without a doubt a great update.
Without any doubt this is a great update
I would not say that it is a bad idea.
No good comes of this.
No, good things come of this.
No
no problem at all
There is no way this is a fun or nor happy thing.
There was no love nor joy here.
Neither fun nor happy.
At least it works.
At least it is great.
This is the least great of them.
least great
The very least helpful answer.
Least of all the happy ones.
The food was great, but the service was terrible.
The food was terrible but the service was great!
great but great but great
good good good but bad bad bad
bad but bad but BAD
But why? I love it.
I love it, BUT I hate that I love it.
but
It is kind of good.
It is kind of sort of nice.
She is kind of a hero.
She is kind, of course.
How KIND of you to help.
It was just enough fun.
It was sort of sad and kinda boring.
It was kind-of sad and sorta boring.
Barely good, hardly bad, scarcely alive, almost dead.
extremely very really so totally happy
EXTREMELY happy and VERY sad
extremely HAPPY and very SAD
That gig was the shit!
That gig was the bomb.
That gig was a bomb.
He is one bad ass drummer.
She is such a badass!
They met at the bus stop on a rainy day.
Oh yeah right, that went so well.
This is the kiss of death for the whole project.
A cake to die for, honestly.
With a beating heart she opened the letter.
My beating heart is so full of joy.
A hand to mouth existence, in the red and under the weather.
Break a leg tonight!
lol
LOL
lmao that is so wrong
omg wtf smh
:)
:(
:-D
:D today
;) and :P
I am fine :)
I am fine :(
I am fine :'(
<3
</3
I <3 you
xoxo
QQ
(-:
\\o/
o.O
:Þ
I love this 😀
I love this😀
😀I love this
😀😀😀
😂😭
💔
❤️
❤
👍🏽
👎
Catch emoji such as 💘 and 💋 and 😁
🏳️‍🌈 proud
👨‍👩‍👧‍👦 family time
™ ® ©
the 🔥 is great
not 😀
VERY 😀
a 🈵 b 🈲 c
Das ist schön.
Das ist GUT, aber nicht SUPER.
C'est la vie, quelle horreur!
Qué día tan feliz y love
Это хорошо!
ЭТО ХОРОШО и good
これは良いです。
今日は happy です！
这很好 good
안녕하세요 great
สวัสดี love
مرحبا great
שלום hate
हिन्दी joy
GOOD ÉTÉ
good Été
ÉTÉ good
ǅ good
good\u00a0bad
good\u3000great
good\u2028bad\u2029great
good\u200bbad
good\tbad\nugly\r\nhappy
good\u0085bad
good\x1cbad
ŁADNY good
\u212aind words
\u212aIND words of HATE

   
.
...
!
!!!!!!!
?
???
a
I
ok
"Great," she said.
'great'
(great)
[great] {great} <great>
**great** _great_ ~great~
great... not
great-ish
un-great
great/awful
great,awful
#great #awful
@great thank you
https://example.org/great/love?hate=1 nice
love@hate.example
$: 
8-) cool
cool B-)
can't stand it
fed up with this
screwed up again
I can't wait, I won't complain, I don't hate it.
couldnt be happier
couldn't be happier
DON'T be sad
nothing bad ever happens nowhere
despite the good weather we were sad
rarely happy, seldom sad
uh-uh not nice
nope nope nope good
cannot recommend enough
can not recommend enough, excellent
Never gonna give you up
never ever give up hope
none of the good ones
without love
without hope or joy
so so so good
this this good
never so so good
never this this bad
it is so good
so it is good
good is so it
a so c good
a b so good
so b c good
this b c bad
never a b bad
never so b bad
without doubt b bad
without b doubt bad
not a b good
not a good b
not good a b
VADER is smart, handsome, and funny.
VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!
Today SUX!
Today only kinda sux! But I'll get by, lol
Not bad at all
Sentiment analysis has never been good.
With VADER, sentiment analysis is the shit!
On the other hand, VADER is quite bad ass
The plot was good, but the characters are uncompelling and the dialog is not great.
I just deployed on a Friday. What could go wrong?
Our server is down again, sorry for the trouble; we are working on it.
Thank you all for the kind words after yesterday's loss.
Grateful for this community, it keeps me sane in a mad world.
The moderators are useless and the app crashes constantly.
Beautiful sunset over the harbour tonight #photography
My cat died this morning. I miss her terribly.
Happy birthday to the best sister in the world!!! 🎂🎉
So tired of outrage. Going outside.
Breaking: thousands protest against war in the capital
The strike is over, and the workers won.
It's fine. Everything is fine. 🔥
I don't think this update is an improvement.
New paper out: we find no evidence of harm.
Free Palestine, free Ukraine, free everyone.
They fined the firm 3.2 million for fraud.
Weather: rain, 12 degrees, wind from the west
""".replace("\\u00a0", "\u00a0").replace("\\u3000", "\u3000").replace("\\u2028", "\u2028").replace(
    "\\u2029", "\u2029").replace("\\u200b", "\u200b").replace("\\t", "\t").replace("\\n", "\n").replace(
    "\\r", "\r").replace("\\u0085", "\u0085").replace("\\x1c", "\x1c").replace("\\u212a", "\u212a")

WORDS = """good bad great awful love hate happy sad nice ugly fun boring kind cruel win lose joy pain no not never
don't isn't without doubt so this very really EXTREMELY barely kinda least at but or nor of sort just enough the a it
was table house GOOD BAD NO NOT VERY BUT lol :) :( 😀 💔 shit bomb yeah right bus stop beating heart to die for kiss
death good! bad? great!! (nice) "ugly" ladnie été""".split()


def texts():
    yield from WRITTEN[1:-1].split("\n")
    for booster, word in itertools.product(["", "very ", "not ", "not very ", "hardly ", "VERY "],
                                           ["good", "bad", "GOOD", "BAD"]):
        yield f"the day was {booster}{word} for us"
    random.seed(20260801)
    for _ in range(260):
        yield " ".join(random.choice(WORDS) for _ in range(random.randint(1, 14)))
    yield "good " * 300
    yield "good bad but " * 150
    yield "This is a long story with a happy end, but it takes a while to get there. " * 40
    yield "!" * 500 + " great"


analyzer = SentimentIntensityAnalyzer()
for text in texts():
    scores = analyzer.polarity_scores(text)
    print(json.dumps(text, ensure_ascii=False), scores["neg"], scores["neu"], scores["pos"], scores["compound"], sep="\t")
