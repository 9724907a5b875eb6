package dev.meshdx.logs.internal.line;

import dev.meshdx.logs.LineKind;

/**
 * Whether a line in no known form goes on with the message before it: at once, or indented after access logs in between, because
 * several writers share a log. Not safe for use by several threads.
 */
public final class Message {
    private boolean any;
    private boolean open;

    /** Whether the line belongs to the message before; if not, what comes next may belong to it. */
    public boolean goesOn(Line line) {
        if (line.kind == LineKind.OTHER && (open || (any && isIndented(line)))) {
            return true;
        }
        open = line.kind != LineKind.OTHER && line.kind != LineKind.ACCESS;
        any |= open;
        return false;
    }

    /** Nothing more belongs to the message. */
    void end() {
        any = false;
        open = false;
    }

    private static boolean isIndented(Line line) {
        return line.end > line.start && (line.text[line.start] == ' ' || line.text[line.start] == '\t');
    }
}
