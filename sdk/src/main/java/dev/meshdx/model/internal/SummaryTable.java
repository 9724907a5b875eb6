package dev.meshdx.model.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A table for {@code toString()}: as many rows as fit below the length at which JShell cuts a value (1,000 characters), and
 * how many more there are.
 */
public final class SummaryTable {
    private static final int LIMIT = 880;
    private static final int WIDEST = 60;

    private final String title;
    private final List<List<String>> rows = new ArrayList<>();

    /** A table under a line of text. */
    public SummaryTable(String title, String... header) {
        this.title = title;
        if (header.length > 0) {
            rows.add(List.of(header));
        }
    }

    /** Adds a row of as many cells as the header has. */
    public void row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            String line = cell.replace('\n', ' ');
            row.add(line.length() > WIDEST ? line.substring(0, WIDEST - 1) + "…" : line);
        }
        rows.add(row);
    }

    @Override
    public String toString() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        StringBuilder out = new StringBuilder(title);
        for (int index = 0; index < rows.size(); index++) {
            StringBuilder line = new StringBuilder();
            List<String> row = rows.get(index);
            for (int i = 0; i < row.size(); i++) {
                line.append(i == 0 ? "" : "  ").append(row.get(i));
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths.get(i) - row.get(i).length()));
                }
            }
            if (out.length() + line.length() + 1 > LIMIT - 20) {
                out.append('\n').append("… ").append(rows.size() - index).append(" more");
                break;
            }
            out.append('\n').append(line.toString().stripTrailing());
        }
        return out.toString();
    }
}
