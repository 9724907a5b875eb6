package dev.meshdx.diagnosis.internal;

import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import java.util.List;

/** The one sentence. Pure. */
final class Verdict {
    private Verdict() {}

    static String of(String title, Correlation correlation, List<StepOutcome> steps) {
        List<Finding> causes = correlation.causes();
        if (causes.isEmpty()) {
            return healthy(title, correlation, steps);
        }
        Finding cause = causes.get(0);
        int effects = correlation.effectsOf(cause).size();
        StringBuilder text = new StringBuilder(cause.severity() == Severity.ERROR ? "Broken: " : "Degraded: ");
        text.append(sentences(cause.message(), 320))
                .append(" [")
                .append(cause.code())
                .append(", ");
        text.append(cause.subject()).append(']');
        if (effects > 0) {
            text.append(" This explains ").append(effects == 1 ? "another finding" : effects + " other findings");
            text.append('.');
        }
        if (causes.size() > 1) {
            text.append(
                            causes.size() == 2
                                    ? " There is another problem"
                                    : " There are " + (causes.size() - 1) + " other problems")
                    .append(" beside it.");
        }
        return text.toString();
    }

    private static String healthy(String title, Correlation correlation, List<StepOutcome> steps) {
        List<Inconclusive> blind = steps.stream()
                .filter(step -> step.status() == StepOutcome.Status.INCONCLUSIVE)
                .flatMap(step -> step.gaps().stream())
                .filter(StepOutcome::matters)
                .distinct()
                .toList();
        StringBuilder text = new StringBuilder("Nothing is wrong with ").append(title);
        if (blind.isEmpty()) {
            text.append('.');
        } else {
            Inconclusive first = blind.get(0);
            text.append(" as far as it could be seen, but the ").append(first.what());
            first.subject().ifPresent(subject -> text.append(" of ").append(subject));
            text.append(" could not be seen (")
                    .append(first.reason())
                    .append("): ")
                    .append(sentences(first.message(), 160));
            if (blind.size() > 1) {
                text.append(" There are ").append(blind.size() - 1).append(" more gaps.");
            }
        }
        List<Finding> notes = correlation.others();
        if (!notes.isEmpty()) {
            text.append(" Worth knowing: ").append(sentences(notes.get(0).message(), 200));
            if (notes.size() > 1) {
                text.append(" (and ").append(notes.size() - 1).append(" more)");
            }
        }
        return text.toString();
    }

    /** The first sentence, and those after it that still fit. */
    static String sentences(String message, int length) {
        int end = sentenceEnd(message, 0);
        for (int next = sentenceEnd(message, end); next > end && next <= length; next = sentenceEnd(message, end)) {
            end = next;
        }
        String text = message.substring(0, end).strip();
        return text.endsWith(".") || text.endsWith("?") ? text : text + ".";
    }

    /** Behind the full stop that ends a sentence, not one inside a host name. */
    private static int sentenceEnd(String message, int from) {
        for (int i = from; i < message.length(); i++) {
            char c = message.charAt(i);
            boolean last = i + 1 == message.length();
            if (last || ((c == '.' || c == '?') && Character.isWhitespace(message.charAt(i + 1)))) {
                return i + 1;
            }
        }
        return message.length();
    }
}
