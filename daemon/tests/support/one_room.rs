//! A floor plan of one room with one microphone and one loudspeaker.

/// Both on this channel, and with this line besides.
pub fn layout(channel: u32, line: &str) -> String {
    format!(
        r#"[[floor]]
id = "1"
outline = [[0,0],[8,0],[8,8],[0,8]]
height_m = 2.8
[[zone]]
id = "room"
floor = "1"
kind = "focus"
outline = [[0,0],[8,0],[8,8],[0,8]]
[[microphone]]
id = "m1"
zone = "room"
position = [4.0, 4.0, 2.7]
{line}
channel = {channel}
sensitivity_dbfs = -26.0
[[loudspeaker]]
id = "s1"
zone = "room"
position = [3.0, 3.0, 2.75]
{line}
channel = {channel}
output_db_spl = 94.0
"#
    )
}
