package dev.meshdx.logs.internal.line;

import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes values of all lines, and keeps lines together that belong to one message. Not safe for use by several threads. */
public final class LineCollector implements LineFeed.Sink {
    /** A stack trace has some hundred lines; a Wasm module may write for ever. */
    private static final int MOST = 1_000;

    private final LineScanner scanner;
    private final Line line = new Line();
    private final List<LogLine> lines = new ArrayList<>();

    /** The last message, where it is in the list, and what goes on with it. */
    private @Nullable LogLine message;

    private int messageAt;
    private final StringBuilder continuation = new StringBuilder();
    private int continued;
    private final Message messages = new Message();

    /** Reads lines as the scanner does. */
    public LineCollector(LineScanner scanner) {
        this.scanner = scanner;
    }

    @Override
    public void line(byte[] text, int start, int end) {
        scanner.scan(text, start, end, line);
        LogLine value = LineTexts.of(line);
        if (messages.goesOn(line)) {
            if (continued < MOST) {
                continuation.append('\n').append(value.text());
                continued++;
                return;
            }
            messages.end();
        }
        if (line.kind() != LineKind.OTHER && line.kind() != LineKind.ACCESS) {
            close();
            message = value;
            messageAt = lines.size();
        }
        lines.add(value);
    }

    private void close() {
        if (continued > 0) {
            LogLine first = Objects.requireNonNull(message);
            lines.set(
                    messageAt,
                    new LogLine(
                            first.text() + continuation,
                            first.kind(),
                            first.time().orElse(null),
                            first.level(),
                            first.scope(),
                            first.message() + continuation,
                            first.access().orElse(null)));
            continuation.setLength(0);
            continued = 0;
        }
    }

    /** The lines so far. */
    public List<LogLine> lines() {
        close();
        messages.end();
        return lines;
    }
}
