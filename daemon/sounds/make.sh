#!/bin/sh
# Makes the talkers' voices of the virtual office with espeak-ng and sox: 16 kHz, 16 bit, mono, pauses kept.
set -eu
cd "$(dirname "$0")"
say() { # name voice speed pitch text
    espeak-ng -v "$2" -s "$3" -p "$4" -w "$1.tmp.wav" "$5"
    sox "$1.tmp.wav" -r 16000 -b 16 -c 1 "$1.wav" norm -3 trim 0 7.5
    rm "$1.tmp.wav"
}
say anna en-gb+f3 150 60 "Good morning. The room is booked until noon. Could we move the review to Thursday afternoon? I will send the agenda round."
say ben en-us+m3 145 35 "The delivery is late again. Two pallets arrived, the third is still on its way. Please call the warehouse before lunch."
say clara en-gb-x-rp+f2 160 70 "We should look at the figures for last quarter. The second chart is easier to read. What do you think about the summary?"
say david en-us+m7 140 25 "The lift on the north side is out of order. The engineer comes at three. Until then, everybody takes the stairs, I am afraid."
