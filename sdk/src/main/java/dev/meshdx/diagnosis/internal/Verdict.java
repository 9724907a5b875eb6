package dev.meshdx.diagnosis.internal;

import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.finding.Finding;
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
        text.append(firstSentence(cause.message()))
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
        List<String> blind = steps.stream()
                .filter(step -> step.status() == StepOutcome.Status.INCONCLUSIVE)
                .map(step -> step.step().toString())
                .toList();
        String text = "Nothing is wrong with " + title;
        if (!blind.isEmpty()) {
            text += " as far as it could be seen (" + String.join(", ", blind) + " only in part)";
        }
        List<Finding> notes = correlation.others();
        return text + "."
                + (notes.isEmpty()
                        ? ""
                        : " Worth knowing: " + firstSentence(notes.get(0).message())
                                + (notes.size() > 1 ? " (and " + (notes.size() - 1) + " more)" : ""));
    }

    /** Up to the first full stop that ends a sentence, not one inside a host name. */
    static String firstSentence(String message) {
        for (int i = message.indexOf('.'); i >= 0; i = message.indexOf('.', i + 1)) {
            if (i + 1 == message.length() || Character.isWhitespace(message.charAt(i + 1))) {
                return message.substring(0, i + 1);
            }
        }
        return message.endsWith(".") ? message : message + ".";
    }
}
