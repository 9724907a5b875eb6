package dev.meshdx.testkit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A selector as it stands in a URL: {@code app=web,tier in (a,b),!legacy}. Source: Kubernetes, "Labels and Selectors" and
 * "Field Selectors".
 */
final class Selector {
    private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern EQUALITY = Pattern.compile("([^=!<>\\s]+)\\s*(==|=|!=)\\s*([^=!]*)");
    private static final Pattern ORDER = Pattern.compile("([^=!<>\\s]+)\\s*([<>])\\s*(-?\\d+)");
    private static final Pattern KEY = Pattern.compile("(!?)\\s*([A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?)");

    private enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        ABSENT,
        MORE,
        LESS
    }

    private record Requirement(String key, Operator operator, Set<String> values) {
        boolean holds(@Nullable String value) {
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case ABSENT -> value == null;
                case MORE, LESS -> value != null && ordered(value);
            };
        }

        private boolean ordered(String value) {
            try {
                int order = Long.compare(
                        Long.parseLong(value), Long.parseLong(values.iterator().next()));
                return operator == Operator.MORE ? order > 0 : order < 0;
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }

    private final List<Requirement> requirements;

    private Selector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /**
     * A label selector.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Selector labels(String text) {
        List<Requirement> requirements = new ArrayList<>();
        for (String part : split(text)) {
            Matcher set = SET.matcher(part);
            Matcher equality = EQUALITY.matcher(part);
            Matcher order = ORDER.matcher(part);
            Matcher key = KEY.matcher(part);
            if (set.matches()) {
                requirements.add(new Requirement(
                        set.group(1), set.group(2).equals("in") ? Operator.IN : Operator.NOT_IN, values(set.group(3))));
            } else if (equality.matches()) {
                requirements.add(new Requirement(
                        equality.group(1),
                        equality.group(2).equals("!=") ? Operator.NOT_IN : Operator.IN,
                        Set.of(equality.group(3).trim())));
            } else if (order.matches()) {
                requirements.add(new Requirement(
                        order.group(1),
                        order.group(2).equals(">") ? Operator.MORE : Operator.LESS,
                        Set.of(order.group(3))));
            } else if (key.matches()) {
                requirements.add(new Requirement(
                        key.group(2), key.group(1).isEmpty() ? Operator.EXISTS : Operator.ABSENT, Set.of()));
            } else {
                throw new IllegalArgumentException("unable to parse requirement: found '" + part + "'");
            }
        }
        return new Selector(requirements);
    }

    /**
     * A field selector, which knows equality only.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Selector fields(String text) {
        List<Requirement> requirements = new ArrayList<>();
        for (String part : split(text)) {
            Matcher equality = EQUALITY.matcher(part);
            if (!equality.matches()) {
                throw new IllegalArgumentException("invalid selector: '" + text + "'; can't understand '" + part + "'");
            }
            requirements.add(new Requirement(
                    equality.group(1),
                    equality.group(2).equals("!=") ? Operator.NOT_IN : Operator.IN,
                    Set.of(equality.group(3).trim())));
        }
        return new Selector(requirements);
    }

    private static Set<String> values(String list) {
        Set<String> values = new TreeSet<>();
        Arrays.stream(list.split(",", -1)).map(String::trim).forEach(values::add);
        return values;
    }

    /** The requirements, which commas outside brackets part. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? ',' : text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && (depth <= 0 || i == text.length())) {
                String part = text.substring(start, i).trim();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                start = i + 1;
            }
        }
        return parts;
    }

    /** What it asks about. */
    List<String> keys() {
        return requirements.stream().map(Requirement::key).toList();
    }

    boolean isEmpty() {
        return requirements.isEmpty();
    }

    boolean matches(Map<String, String> values) {
        return requirements.stream().allMatch(requirement -> requirement.holds(values.get(requirement.key())));
    }

    boolean matches(Function<String, String> value) {
        return requirements.stream().allMatch(requirement -> requirement.holds(value.apply(requirement.key())));
    }
}
