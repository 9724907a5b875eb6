package dev.meshdx.report;

import dev.meshdx.report.internal.JsonRenderer;
import dev.meshdx.report.internal.TextRenderer;
import java.util.Locale;

/** The formats in which a document can be rendered. More may come: add a default branch. */
public enum Format {
    /** For people: what is wrong, the evidence, what to do. */
    TEXT,
    /** For programs: one document, fields in a stable order, schema {@code meshdx/v1}. */
    JSON;

    Rendered render(Document document) {
        return new Rendered(
                this,
                switch (this) {
                    case TEXT -> out -> TextRenderer.render(document, document.body(), out);
                    case JSON -> out -> JsonRenderer.render(document, out);
                });
    }

    /** In lower case, as on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
