package dev.meshdx.model.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A table in plain text: whole for a report, or cut for {@code toString()}. Not for use by several threads. */
public final class TextTable {
    /** JShell cuts the text of a value at 1,000 characters, in the middle of a line; a summary ends before that. */
    private static final int SUMMARY = 880;

    private static final int WIDEST = 60;
    private static final int LINE = 200;

    /** More rows than this never fit; the widths of those that nobody sees must not count. */
    private static final int MOST = 31;

    private final List<List<String>> rows = new ArrayList<>();

    /** With the names of the columns. */
    public TextTable(String... header) {
        this(List.of(header));
    }

    /** With the names of the columns. */
    public TextTable(List<String> header) {
        rows.add(List.copyOf(header));
    }

    /** Adds a row of as many cells as the header has. */
    public TextTable row(String... cells) {
        return row(List.of(cells));
    }

    /** Adds a row of as many cells as the header has. */
    public TextTable row(List<String> cells) {
        List<String> row = new ArrayList<>(cells.size());
        cells.forEach(cell -> row.add(oneLine(cell)));
        rows.add(row);
        return this;
    }

    /** Whether there is no row. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /**
     * Writes a table with nothing cut, without holding it; lines end with a line feed.
     *
     * @param rows gone through twice: for the widths and for the text
     */
    public static void write(List<String> header, Iterable<List<String>> rows, Appendable out) throws IOException {
        int[] widths = new int[header.size()];
        widen(widths, header, Integer.MAX_VALUE);
        for (List<String> row : rows) {
            widen(widths, row, Integer.MAX_VALUE);
        }
        out.append(line(header, widths, Integer.MAX_VALUE)).append('\n');
        for (List<String> row : rows) {
            out.append(line(row, widths, Integer.MAX_VALUE)).append('\n');
        }
    }

    /** All rows, nothing cut; lines end with a line feed. */
    public String whole() {
        StringBuilder out = new StringBuilder();
        lines(rows, Integer.MAX_VALUE).forEach(line -> out.append(line).append('\n'));
        return out.toString();
    }

    /**
     * As many rows as fit into a value's text, and how many more there are.
     *
     * @param title a line to stand above it; empty for none
     * @param what what the rows are, for the last line: {@code proxies}
     */
    public String summary(String title, String what) {
        if (isEmpty()) {
            return title.isEmpty() ? "no " + what : title;
        }
        return fit(title, lines(rows.subList(0, Math.min(rows.size(), MOST)), WIDEST), rows.size(), what);
    }

    /**
     * As many lines as fit into a value's text, and how many more there are.
     *
     * @param title a line to stand above them
     * @param lines the lines, which are cut where they are too long
     * @param what what the lines are, for the last one: {@code failures}
     */
    public static String list(String title, List<String> lines, String what) {
        return fit(title, lines.stream().map(line -> clip(oneLine(line), LINE)).toList(), lines.size(), what);
    }

    private static String fit(String title, List<String> lines, int of, String what) {
        StringBuilder out = new StringBuilder(clip(title, SUMMARY / 2));
        int left = of;
        for (String line : lines) {
            if (out.length() + line.length() > SUMMARY - 30) {
                break;
            }
            out.append(out.isEmpty() ? "" : "\n").append(line);
            left--;
        }
        return left > 0 ? out + "\n… " + left + " more " + what : out.toString();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    private static String clip(String text, int widest) {
        return text.length() <= widest ? text : text.substring(0, widest - 1) + "…";
    }

    private static List<String> lines(List<List<String>> rows, int widest) {
        int[] widths = new int[rows.get(0).size()];
        rows.forEach(row -> widen(widths, row, widest));
        return rows.stream().map(row -> line(row, widths, widest)).toList();
    }

    private static void widen(int[] widths, List<String> row, int widest) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], Math.min(widest, row.get(i).length()));
        }
    }

    private static String line(List<String> row, int[] widths, int widest) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = clip(oneLine(row.get(i)), widest);
            line.append(cell);
            if (i < widths.length - 1) {
                line.append(" ".repeat(widths[i] - cell.length() + 2));
            }
        }
        return line.toString().stripTrailing();
    }
}
