package dev.meshdx.diagnosis.internal;

import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The one sentence, and what must stand beside it so that nobody reads more into it. Pure. */
final class Verdict {
    /** So many reasons of the same kind are named. */
    private static final int ALIKE = 5;

    private Verdict() {}

    static String of(String title, Setting setting, Correlation correlation, List<StepOutcome> steps) {
        List<Finding> causes = correlation.causes();
        if (causes.isEmpty()) {
            return healthy(title, setting, correlation, steps);
        }
        Finding cause = causes.get(0);
        int effects = correlation.effectsOf(cause).size();
        StringBuilder text =
                new StringBuilder(correlation.severity(cause) == Severity.ERROR ? "Broken: " : "Degraded: ");
        text.append(sentences(cause.message(), 320))
                .append(" [")
                .append(cause.code())
                .append(", ");
        text.append(cause.subject()).append(']');
        List<Finding> alike = causes.stream()
                .skip(1)
                .filter(other ->
                        other.code().equals(cause.code()) && other.subject().equals(cause.subject()))
                .toList();
        if (!alike.isEmpty()) {
            text.append(" There also: ")
                    .append(alike.stream()
                            .limit(ALIKE)
                            .map(other -> reason(other.message()))
                            .collect(Collectors.joining("; ")))
                    .append(alike.size() > ALIKE ? "; and " + (alike.size() - ALIKE) + " more." : ".");
        }
        boolean risk = Correlation.isRisk(cause);
        if (risk) {
            // By itself it does no harm: what does must be said with it.
            correlation.effectsOf(cause).stream()
                    .min(Comparator.naturalOrder())
                    .ifPresent(effect -> text.append(" It shows: ").append(sentences(effect.message(), 0)));
        }
        if (effects > (risk ? 1 : 0)) {
            text.append(" This explains ").append(effects == 1 ? "another finding" : effects + " other findings");
            text.append('.');
        }
        int others = causes.size() - 1 - alike.size();
        if (others > 0) {
            text.append(others == 1 ? " There is another problem" : " There are " + others + " other problems")
                    .append(" beside it.");
        }
        if (setting.manifests()) {
            text.append(' ').append(setting.sentence());
        } else {
            forbidden(text, steps);
        }
        return text.toString();
    }

    /** What distinguishes a finding from others of its kind: in the first sentence, what stands behind the last colon. */
    private static String reason(String message) {
        String first = sentences(message, 0);
        int colon = first.lastIndexOf(": ");
        String reason = colon < 0 ? first : first.substring(colon + 2);
        return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    }

    /** A cause may hide behind a missing right; other gaps are seldom news beside a cause. */
    private static void forbidden(StringBuilder text, List<StepOutcome> steps) {
        List<String> what = steps.stream()
                .flatMap(step -> step.gaps().stream())
                .filter(gap -> gap.reason() == Reason.FORBIDDEN)
                .map(Inconclusive::what)
                .distinct()
                .toList();
        if (!what.isEmpty()) {
            text.append(" There may be more to it: not everything may be seen (")
                    .append(String.join(", ", what.subList(0, Math.min(3, what.size()))))
                    .append(what.size() > 3 ? " and " + (what.size() - 3) + " more" : "")
                    .append(").");
        }
    }

    private static String healthy(String title, Setting setting, Correlation correlation, List<StepOutcome> steps) {
        List<Inconclusive> blind = steps.stream()
                .filter(step -> step.status() == StepOutcome.Status.INCONCLUSIVE)
                .flatMap(step -> step.gaps().stream())
                .filter(gap -> StepOutcome.matters(gap) && !setting.covers(gap))
                .distinct()
                .toList();
        StringBuilder text = new StringBuilder();
        if (!setting.manifests() && !setting.sentence().isEmpty()) {
            text.append(setting.sentence()).append(' ');
        }
        text.append("Nothing is wrong with ")
                .append(setting.manifests() ? "the configuration of " : "")
                .append(title);
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
                text.append(
                        blind.size() == 2
                                ? " There is 1 more gap."
                                : " There are " + (blind.size() - 1) + " more gaps.");
            }
        }
        if (setting.manifests()) {
            text.append(' ').append(setting.sentence());
        }
        List<Finding> notes = correlation.others().stream()
                .filter(note -> !Correlation.isAdvice(note))
                .toList();
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
