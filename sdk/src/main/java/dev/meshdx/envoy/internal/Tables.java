package dev.meshdx.envoy.internal;

import java.util.ArrayList;
import java.util.List;

/** Tables that fit on a screen, and into JShell, which cuts a value's text at 1,000 characters. */
public final class Tables {
    private static final int LIMIT = 880;
    private static final int WIDEST = 60;

    private Tables() {}

    /**
     * A table with as many rows as fit.
     *
     * @param what what the rows are, for the last line: {@code clusters}
     */
    public static String format(List<String> header, List<List<String>> rows, String what) {
        if (rows.isEmpty()) {
            return "no " + what;
        }
        for (int count = Math.min(rows.size(), 30); ; count--) {
            List<List<String>> shown = new ArrayList<>();
            shown.add(header);
            shown.addAll(rows.subList(0, count));
            String table = table(shown);
            String rest = count == rows.size() ? "" : "\n... " + (rows.size() - count) + " more " + what;
            if (table.length() + rest.length() <= LIMIT || count == 0) {
                return table + rest;
            }
        }
    }

    private static String table(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], clip(row.get(i)).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = clip(row.get(i));
                line.append(cell);
                if (i < widths.length - 1) {
                    line.append(" ".repeat(widths[i] - cell.length() + 2));
                }
            }
            out.append(out.isEmpty() ? "" : "\n").append(line.toString().stripTrailing());
        }
        return out.toString();
    }

    private static String clip(String cell) {
        return cell.length() <= WIDEST ? cell : cell.substring(0, WIDEST - 3) + "...";
    }
}
