package dev.meshdx.report.internal;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.report.Document;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One JSON document a result. Fields keep their order, so that two reports can be compared line by line. */
public final class JsonRenderer {
    private JsonRenderer() {}

    /** Writes the document as JSON. */
    public static void render(Document document, Appendable out) throws IOException {
        Json json = Json.object(
                "schema",
                "meshdx/v1",
                "command",
                document.command(),
                "source",
                document.source(),
                "at",
                document.at().toString(),
                "result",
                document.result(),
                "findings",
                Json.array(
                        document.findings().stream().map(JsonRenderer::finding).toList()),
                "inconclusive",
                Json.array(document.inconclusive().stream()
                        .map(JsonRenderer::inconclusive)
                        .toList()));
        json.writeTo(out);
        out.append('\n');
    }

    static Json finding(Finding finding) {
        Origin location = finding.location().orElse(null);
        return Json.object(
                "code",
                finding.code(),
                "severity",
                finding.severity().toString(),
                "subject",
                subject(finding.subject()),
                "message",
                finding.message(),
                "evidence",
                Json.array(
                        finding.evidence().stream().map(JsonRenderer::evidence).toList()),
                "remedy",
                finding.remedy(),
                "documentation",
                finding.documentation(),
                "location",
                location == null
                        ? null
                        : Json.object("file", location.file(), "line", location.line() > 0 ? location.line() : null));
    }

    private static Json evidence(Evidence evidence) {
        return Json.object("what", evidence.what(), "where", evidence.where(), "value", evidence.value());
    }

    private static Json inconclusive(Inconclusive gap) {
        return Json.object(
                "what",
                gap.what(),
                "subject",
                gap.subject().map(JsonRenderer::subject).orElse(null),
                "reason",
                gap.reason().name(),
                "message",
                gap.message(),
                "remedy",
                gap.remedy());
    }

    private static Json subject(ResourceRef ref) {
        return Json.object(
                "cluster", unlessEmpty(ref.cluster()),
                "kind", ref.kind(),
                "namespace", unlessEmpty(ref.namespace()),
                "name", ref.name());
    }

    private static @Nullable String unlessEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
