package dev.meshdx.security.internal;

import java.util.ArrayList;
import java.util.List;

/** A table for {@code toString()}: columns aligned, and short enough for a console that cuts long values. */
public final class TextTable {
    /** JShell cuts at 1,000 characters. */
    private static final int LIMIT = 850;

    private final List<List<String>> rows = new ArrayList<>();

    /** A table with a heading. */
    public TextTable(String... heading) {
        rows.add(List.of(heading));
    }

    /** Adds a line. */
    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** The lines, as many as fit, and how many do not. */
    @Override
    public String toString() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(rows.get(r).get(i));
                if (i < columns - 1) {
                    line.append(" ".repeat(widths[i] - rows.get(r).get(i).length() + 2));
                }
            }
            if (out.length() + line.length() > LIMIT) {
                out.append("… and ").append(rows.size() - r).append(" more\n");
                break;
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString().stripTrailing();
    }
}
