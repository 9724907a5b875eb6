package dev.meshdx.report.internal;

import dev.meshdx.error.Reason;
import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.report.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plain text for a terminal: 100 columns, no colour, nothing that a log viewer would break. */
public final class TextRenderer {
    private static final int WIDTH = 100;

    private TextRenderer() {}

    /**
     * Writes the document as text.
     *
     * @param body its own part
     */
    public static void render(Document document, Body body, Appendable to) throws IOException {
        Printable printable = new Printable(to);
        body.writeTo(printable);
        printable.endLine();
        StringBuilder out = new StringBuilder();
        for (Finding finding : document.findings()) {
            finding(out, finding);
        }
        gaps(out, document.inconclusive());
        out.append(document.closing());
        to.append(out);
    }

    /** Passes on what is {@link #printable}. */
    private static final class Printable implements Appendable {
        private final Appendable out;
        private char last = '\n';

        Printable(Appendable out) {
            this.out = out;
        }

        @Override
        public Appendable append(CharSequence text) throws IOException {
            if (!text.isEmpty()) {
                out.append(printable(text.toString()));
                last = text.charAt(text.length() - 1);
            }
            return this;
        }

        @Override
        public Appendable append(CharSequence text, int start, int end) throws IOException {
            return append(text.subSequence(start, end));
        }

        @Override
        public Appendable append(char c) throws IOException {
            return append(String.valueOf(c));
        }

        void endLine() throws IOException {
            if (last != '\n') {
                out.append('\n');
            }
        }
    }

    /** A paragraph, broken at the width of a terminal. */
    public static void paragraph(StringBuilder out, String text) {
        wrap(out, "", text);
    }

    /** A paragraph whose first line starts with a label, and whose others hang under it. */
    public static void paragraph(StringBuilder out, String label, String text) {
        wrap(out, label, text);
    }

    private static void finding(StringBuilder out, Finding finding) {
        out.append('\n')
                .append(String.format("%-7s ", finding.severity().name()))
                .append(finding.code())
                .append("  ")
                .append(finding.subject());
        finding.location()
                .ifPresent(location -> out.append("  (").append(location).append(')'));
        out.append('\n');
        wrap(out, "  ", finding.message());
        for (Evidence evidence : finding.evidence()) {
            wrap(out, "    - ", evidence.toString());
        }
        if (!finding.remedy().isEmpty()) {
            wrap(out, "    > ", finding.remedy());
        }
    }

    /** So many broken documents of a file are shown one by one. */
    private static final int MOST_PLACES = 20;

    /** Gaps that say the same of many things become one line: a mesh of 5,000 proxies must stay readable. */
    private static void gaps(StringBuilder out, List<Inconclusive> gaps) {
        if (gaps.isEmpty()) {
            return;
        }
        Map<String, List<Inconclusive>> groups = new LinkedHashMap<>();
        for (Inconclusive gap : gaps) {
            groups.computeIfAbsent(gap.reason() + " " + gap.what(), key -> new ArrayList<>())
                    .add(gap);
        }
        out.append("\nCould not be seen:\n");
        for (List<Inconclusive> group : groups.values()) {
            Inconclusive first = group.get(0);
            if (first.reason() == Reason.MALFORMED
                    && group.size() > 1
                    && first.subject().isEmpty()) {
                // Each is a place of its own that somebody has to mend.
                group.stream().limit(MOST_PLACES).forEach(gap -> wrap(out, "  - ", gap.reason() + " " + gap.message()));
                if (group.size() > MOST_PLACES) {
                    wrap(out, "  - ", "and " + (group.size() - MOST_PLACES) + " more in " + first.what());
                }
                wrap(out, "      > ", first.remedy());
                continue;
            }
            String subject = first.subject().map(ref -> " of " + ref).orElse("");
            String more = group.size() > 1 ? " (and " + (group.size() - 1) + " more like it)" : "";
            wrap(out, "  - ", first.reason() + " " + first.what() + subject + more + ": " + first.message());
            if (!first.remedy().isEmpty()) {
                wrap(out, "      > ", first.remedy());
            }
        }
    }

    /** Breaks at spaces; lines of the text itself stay apart; the lines that follow the first hang under it. */
    static void wrap(StringBuilder out, String indent, String text) {
        String hanging = " ".repeat(indent.length());
        String prefix = indent;
        for (String line : printable(text).split("\n", -1)) {
            StringBuilder current = new StringBuilder(prefix);
            boolean empty = true;
            for (String word : line.split(" ", -1)) {
                if (!empty && current.length() + 1 + word.length() > WIDTH) {
                    out.append(current.toString().stripTrailing()).append('\n');
                    current = new StringBuilder(hanging);
                    empty = true;
                }
                if (!empty) {
                    current.append(' ');
                }
                current.append(word);
                empty = false;
            }
            out.append(current.toString().stripTrailing()).append('\n');
            prefix = hanging;
        }
    }

    /**
     * Text from logs and from other people's resources must not move the cursor, change colours, or write a line that looks
     * like one of ours: control characters show as their code points.
     */
    static String printable(String text) {
        if (text.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\n')) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean harmless = c == '\n' || c == '\t' || !(Character.isISOControl(c) || isFormat(c));
            if (harmless) {
                clean.appendCodePoint(c);
            } else {
                clean.append(String.format("\\u%04x", c));
            }
        });
        return clean.toString();
    }

    /** Among others what reverses the direction of writing. */
    private static boolean isFormat(int c) {
        return Character.getType(c) == Character.FORMAT;
    }
}
