package dev.meshdx.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Colours the words that one looks for in a text report; the text itself stays the same. */
final class Colours {
    private static final String RED = "31";
    private static final String YELLOW = "33";
    private static final String GREEN = "32";
    private static final String CYAN = "36";
    private static final Map<Pattern, String> RULES = rules();

    private Colours() {}

    private static Map<Pattern, String> rules() {
        Map<Pattern, String> rules = new LinkedHashMap<>();
        rules.put(Pattern.compile("^(ERROR)(?= +[A-Z]{3}\\d{4} )", Pattern.MULTILINE), RED);
        rules.put(Pattern.compile("^(WARNING)(?= +[A-Z]{3}\\d{4} )", Pattern.MULTILINE), YELLOW);
        rules.put(Pattern.compile("^(INFO)(?= +[A-Z]{3}\\d{4} )", Pattern.MULTILINE), CYAN);
        rules.put(Pattern.compile("^(Broken:)"), RED);
        rules.put(Pattern.compile("^(Degraded:)"), YELLOW);
        rules.put(Pattern.compile("^(Nothing is wrong)"), GREEN);
        rules.put(Pattern.compile("(?<=^  [a-z]{4,13} {1,12})(BROKEN)(?= )", Pattern.MULTILINE), RED);
        rules.put(Pattern.compile("(?<=^  [a-z]{4,13} {1,12})(DEGRADED|INCONCLUSIVE)(?= )", Pattern.MULTILINE), YELLOW);
        rules.put(Pattern.compile("(?<=^  [a-z]{4,13} {1,12})(OK)(?= )", Pattern.MULTILINE), GREEN);
        rules.put(Pattern.compile("(?<= {2})(STALE|CONFLICT|REJECTED|UNHEALTHY)(?= {2}|$)", Pattern.MULTILINE), RED);
        rules.put(Pattern.compile("(?<= {2})(NOT SENT|PLAINTEXT|WARMING)(?= {2}|$)", Pattern.MULTILINE), YELLOW);
        return rules;
    }

    /** The text with colours. */
    static String apply(String text) {
        String coloured = text;
        for (Map.Entry<Pattern, String> rule : RULES.entrySet()) {
            coloured = rule.getKey().matcher(coloured).replaceAll("\u001B[1;" + rule.getValue() + "m$1\u001B[0m");
        }
        return coloured;
    }
}
