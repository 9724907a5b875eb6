package dev.meshdx.testkit.baddays;

import dev.meshdx.Mesh;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of a question: an answer, or what was thrown instead.
 *
 * @param verb the question
 * @param answer empty where something was thrown
 * @param thrown null where there is an answer
 * @param took how long it took
 */
record Asked(Verb verb, Optional<Object> answer, @Nullable Throwable thrown, Duration took) {
    static Asked of(Mesh mesh, Verb verb) {
        long start = System.nanoTime();
        Object answer = null;
        Throwable thrown = null;
        try {
            answer = verb.ask(mesh);
        } catch (Throwable e) {
            thrown = e;
        }
        return new Asked(verb, Optional.ofNullable(answer), thrown, Duration.ofNanos(System.nanoTime() - start));
    }

    List<Inconclusive> gaps() {
        return answer.map(Verb::gaps).orElse(List.of());
    }

    /** Everything that a user may get to see: the answer in all forms, or the exception with its stack trace. */
    String shown() {
        if (thrown == null) {
            return Verb.shown(answer.orElseThrow());
        }
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text + "\n" + thrown + (thrown instanceof MeshException e ? "\n" + e.remedy() : "");
    }

    /** On one line, for the messages of failing tests. */
    @Override
    public String toString() {
        return verb + " after " + took.toMillis() + " ms: "
                + answer.map(any -> String.valueOf(any).lines().findFirst().orElse("") + " " + gaps().size() + " gaps: "
                                + gaps().stream().limit(3).toList())
                        .orElse(String.valueOf(thrown));
    }
}
