//! One wrong file per mistake in the layout file: exactly that mistake is reported, at its place, with what would be right.

mod common;

/// File in `tests/bad`, line, column, part of the message, part of the help.
#[rustfmt::skip]
const BAD_FILES: &[common::Bad] = &[
    ("layout-unknown-key", 4, 1, "`hieght_m` is not a key of [[floor]]", "did you mean `height_m`?"),
    ("layout-no-list", 1, 1, "`floor` must be a list of tables", "[[floor]]"),
    ("layout-floor-without-height", 22, 1, "[[floor]] needs the key `height_m`", "height_m = 2.8"),
    ("layout-floor-twice", 23, 6, "there are two floors with the id `3`", "the first one is in line 2"),
    ("layout-floor-id-number", 7, 9, "`floor` must be text", "floor = \"3\""),
    ("layout-floor-height", 4, 12, "above the highest allowed value, 30 m", "from 2 to 30 m"),
    ("layout-floor-absorption", 5, 14, "above the highest allowed value, 1", "from 0 to 1"),
    ("layout-floor-reverberation", 5, 19, "above the highest allowed value, 10 s", "from 0.1 to 10 s"),
    ("layout-floor-of-two-corners", 3, 11, "has only 2 corners", "three or more"),
    ("layout-outline-with-triple", 3, 20, "needs a point [x, y], but here are 3 numbers", "for example"),
    ("layout-outline-far-away", 3, 25, "above the highest allowed value, 10000 m", "from -10000 to 10000 m"),
    ("layout-outline-not-a-list", 3, 11, "`outline` must be a list", "for example"),
    ("layout-zone-without-floor", 7, 9, "there is no floor with the id `4`", "did you mean \"3\"?"),
    ("layout-zone-id", 6, 6, "has the character `/`", "_ and -"),
    ("layout-zone-kind", 8, 8, "`kind` cannot be `focuss`", "did you mean \"focus\"?"),
    ("layout-zone-twice", 23, 6, "there are two zones with the id `a`", "the first one is in line 6"),
    ("layout-zone-level-above-inherited-max", 27, 18, "`level_fixed_db` = 47 is above `level_max_db` = 46 (from [adaptation])", "must rise"),
    ("layout-zone-level-max-below-inherited-fixed", 9, 16, "`level_max_db` = 42 is below `level_fixed_db` = 43 (from [adaptation])", "must rise"),
    ("layout-neighbours-too-far-apart", 15, 18, "the fixed level 44 dB is 3 dB above that of `a` next door, 41 dB", "neighbour_max_db = 2"),
    ("layout-zone-level-loud", 9, 16, "is loud (above 48 dB)", "acknowledge_loud = true"),
    ("layout-zone-sti", 9, 14, "above the highest allowed value, 0.9", "from 0.1 to 0.9"),
    ("layout-zone-soundscape", 9, 14, "`rain` is not available in this version; use \"noise\"", "noise"),
    ("layout-zone-without-listeners", 9, 13, "`listeners` is an empty list", "for example"),
    ("layout-microphone-unknown-zone", 12, 8, "there is no zone with the id `north`", "the zones are a"),
    ("layout-microphone-unknown-zone-almost", 12, 8, "there is no zone with the id `north-eats`", "did you mean \"north-east\"?"),
    ("layout-microphone-twice", 23, 6, "there are two microphones with the id `m1`", "the first one is in line 11"),
    ("layout-microphone-channel-twice", 26, 11, "channel 1 is used twice", "`m1` uses it in line 14"),
    ("layout-microphone-channel-zero", 14, 11, "below the lowest allowed value, 1", "from 1 to 1024"),
    ("layout-microphone-sensitivity", 15, 20, "above the highest allowed value, 0 dBFS", "AES17"),
    ("layout-microphone-without-sensitivity", 10, 1, "[[microphone]] needs the key `sensitivity_dbfs`", "-26.0"),
    ("layout-microphone-position", 13, 12, "needs a position [x, y, z], but here are 2 numbers", "[20.0, 12.0, 2.7]"),
    ("layout-microphone-device-with-virtual", 14, 10, "`device` has no meaning for backend \"virtual\"", "\"cpal\""),
    ("layout-microphone-device-number", 14, 10, "`hw:1,0`: a card number does not survive a restart", "\"hw:CARD=ID,DEV=0\""),
    ("layout-loudspeaker-device-jack", 20, 10, "JACK has no devices to name", "write \"jack\" alone"),
    ("layout-loudspeaker-twice", 23, 6, "there are two loudspeakers with the id `s1`", "the first one is in line 17"),
    ("layout-loudspeaker-channel-twice", 26, 11, "channel 1 is used twice", "give `s2` another channel"),
    ("layout-loudspeaker-output", 21, 17, "below the lowest allowed value, 60 dB", "from 60 to 130 dB"),
    ("layout-screen-floor", 23, 9, "there is no floor with the id `third`", "the floors are 3"),
    ("layout-screen-end", 25, 6, "`to` must be a point [x, y]", "for example"),
    ("layout-screen-reduction", 27, 16, "above the highest allowed value, 80 dB", "from 0 to 80 dB"),
    ("layout-outline-crosses-itself", 9, 11, "crosses itself", "in order"),
    ("layout-zone-outside-floor", 9, 11, "outside floor \"3\"", ""),
    ("layout-zones-overlap", 26, 11, "overlaps zone \"a\"", "edges may be shared"),
    ("layout-listener-outside-zone", 9, 24, "outside zone \"a\"", "inside zone \"a\""),
    ("layout-microphone-outside-zone", 13, 12, "outside zone \"a\"", "inside zone \"a\""),
    ("layout-microphone-above-ceiling", 13, 12, "above the ceiling", "2.80 m"),
    ("layout-loudspeaker-outside-zone", 19, 12, "outside zone \"a\"", "inside zone \"a\""),
    ("layout-screen-outside-floor", 25, 6, "outside floor \"3\"", "on floor \"3\""),
    ("layout-screen-higher-than-floor", 26, 12, "the screen is 3.50 m high", "2.80 m"),
    ("layout-screen-without-length", 25, 6, "m long", "two different ends"),
    ("layout-devices-in-one-place", 19, 12, "exactly the position of microphone \"m1\"", "its own position"),
];

#[test]
fn each_mistake_is_reported_alone_at_its_place_with_what_would_be_right() {
    common::check_bad_files("layout-", BAD_FILES);
}
