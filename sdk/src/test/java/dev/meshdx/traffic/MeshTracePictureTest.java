package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.traffic.Crossing.Sent;
import dev.meshdx.traffic.Crossing.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a picture does with names and outcomes that nobody expects. */
class MeshTracePictureTest {
    private static Hop end(String name, double share, boolean served) {
        Crossing crossing =
                new Crossing("10.0.0.1:80", share, Sent.PLAINTEXT, served ? Verdict.PLAINTEXT : Verdict.CONFLICT, "");
        return new Hop(
                Hop.Role.EXTERNAL,
                name,
                null,
                crossing,
                null,
                served,
                served ? "is outside" : "refuses it",
                List.of(),
                List.of(),
                List.of());
    }

    private static MeshTrace trace(Hop... next) {
        Hop first = new Hop(
                Hop.Role.APPLICATION_CLIENT,
                "a/b",
                null,
                null,
                null,
                false,
                "sends it",
                List.of(),
                List.of("one\nnote"),
                List.of(next));
        return new MeshTrace(HttpRequest.get("http://x/"), first, List.of());
    }

    @Test
    void should_let_no_name_out_of_its_label() {
        String chart = trace(end("\"]; click h0 <script>`#\n", 100, true)).mermaid();

        assertThat(chart.lines().filter(line -> line.contains("script")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .doesNotContain("<script")
                        .contains("#quot;]; click h0 #lt;script#gt;#96;#35; ")
                        .endsWith("\"]:::served"));
    }

    @Test
    void should_mark_where_it_fails() {
        MeshTrace trace = trace(end("good", 75, true), end("bad", 25, false));

        assertThat(trace.isServed()).isFalse();
        assertThat(trace.failure().map(Hop::name)).contains("bad");
        assertThat(trace.responseCode()).isZero();
        assertThat(trace.verdict()).contains("(25% of such requests)").contains("ends at the outside bad");
        assertThat(trace.mermaid())
                .contains("-->|\"75% plain text\"| h1")
                .contains("-.-x|\"25% plain text: CONFLICT\"| h2");
        assertThat(trace.tree()).contains("├─ 75% ").contains("└─ 25% ").contains("X outside bad: refuses it");
        assertThat(trace.fields()).containsEntry("served", false);
    }
}
