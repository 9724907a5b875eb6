package dev.meshdx.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenderTest {
    private static final FindingCode CODE =
            new FindingCode("IST0101", "ReferencedResourceNotFound", Severity.ERROR, "t");

    private static Document document() {
        Finding finding = Finding.of(CODE, ResourceRef.of("VirtualService", "production", "reviews"))
                .message("Subset \"v9\" is not defined.")
                .evidence("spec.http[0].route[0].destination.subset", "VirtualService production/reviews", "v9")
                .remedy("Define it.")
                .location(new Origin("reviews.yaml", 12))
                .build();
        Inconclusive one = Inconclusive.of(
                "certificates", ResourceRef.of("Pod", "production", "web-1"), Reason.TIMEOUT, "no answer", "look");
        Inconclusive two = Inconclusive.of(
                "certificates", ResourceRef.of("Pod", "production", "web-2"), Reason.TIMEOUT, "no answer", "look");
        return new Document(
                "analyze",
                "manifests",
                Instant.parse("2026-01-02T03:04:05Z"),
                Json.object("resources", 3),
                "3 resources",
                List.of(finding),
                List.of(one, two));
    }

    @Test
    void should_give_json_with_the_fixed_fields_in_their_order() {
        Json json = Json.parse(document().render(Format.JSON).toString());

        assertThat(json.names())
                .containsExactly("schema", "command", "source", "at", "result", "findings", "inconclusive");
        assertThat(json.at("schema").text("")).isEqualTo("meshdx/v1");
        assertThat(json.at("at").text("")).isEqualTo("2026-01-02T03:04:05Z");
        Json finding = json.at("findings").at(0);
        assertThat(finding.names())
                .containsExactly(
                        "code", "severity", "subject", "message", "evidence", "remedy", "documentation", "location");
        assertThat(finding.at("severity").text("")).isEqualTo("error");
        assertThat(finding.at("subject").names()).containsExactly("kind", "namespace", "name");
        assertThat(finding.at("location", "line").number(0)).isEqualTo(12);
        assertThat(json.at("inconclusive").at(0).at("reason").text("")).isEqualTo("TIMEOUT");
    }

    @Test
    void should_give_text_that_an_operator_can_act_on() {
        String text = document().render(Format.TEXT).toString();

        assertThat(text)
                .startsWith("3 resources\n")
                .contains("ERROR   IST0101  VirtualService production/reviews  (reviews.yaml:12)")
                .contains("    - spec.http[0].route[0].destination.subset = v9")
                .contains("    > Define it.")
                .contains("TIMEOUT certificates of Pod production/web-1 (and 1 more like it): no answer");
        assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void should_not_let_a_log_line_drive_the_terminal() {
        Finding finding = Finding.of(CODE, ResourceRef.of("Pod", "production", "web"))
                .message("harmless")
                .evidence("line", "", "\u001b[2Jgone \u202eesrever\rERROR   IST0001  forged")
                .build();

        String text = new Document("logs", "x", Instant.EPOCH, Json.object(), "", List.of(finding), List.of())
                .render(Format.TEXT)
                .toString();

        assertThat(text).doesNotContain("\u001b", "\u202e", "\r").contains("\\u001b[2Jgone", "\\u000dERROR");
    }
}
