package dev.meshdx.analysis.internal.checks.schema;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a text is an expression of CEL by its syntax; names and types are not looked at. Source: "Common Expression
 * Language Definition", section Syntax.
 */
final class CelSyntax {
    private static final Pattern TOKEN = Pattern.compile("\\s+|//[^\\n]*"
            + "|(?<string>[rRbB]{0,2}(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''"
            + "|(?:(?<=[rR])|(?<=[rR][bB]))\"[^\"\\n]*\"|(?:(?<=[rR])|(?<=[rR][bB]))'[^'\\n]*'"
            + "|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'))"
            + "|(?<number>0x[0-9a-fA-F]+u?|[0-9]*\\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+(?:[eE][+-]?[0-9]+|[uU])?)"
            + "|(?<name>[A-Za-z_][A-Za-z0-9_]*)"
            + "|(?<sign>&&|\\|\\||[<>=!]=|[-+*/%<>!?:.,()\\[\\]{}])");

    private static final Set<String> RELATIONS = Set.of("<", "<=", ">", ">=", "==", "!=", "in");

    /** Not to be used as names of variables or functions. */
    private static final Set<String> RESERVED = Set.of(
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while",
            "in");

    /** Deeper than anybody writes. */
    private static final int MAX_DEPTH = 200;

    private final Matcher matcher;
    private final String text;
    private int end;
    private int depth;
    private String token = "";
    private String kind = "";

    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private CelSyntax(String text) throws Malformed {
        this.text = text;
        this.matcher = TOKEN.matcher(text);
        next();
    }

    /** What is wrong with an expression; empty where nothing is. */
    static String problem(String text) {
        try {
            CelSyntax syntax = new CelSyntax(text);
            syntax.expression();
            syntax.require("");
            return "";
        } catch (Malformed e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void next() throws Malformed {
        while (end < text.length()) {
            if (!matcher.region(end, text.length()).lookingAt()) {
                throw new Malformed("unexpected character at " + (end + 1));
            }
            end = matcher.end();
            for (String group : List.of("string", "number", "name", "sign")) {
                if (matcher.group(group) != null) {
                    token = matcher.group(group);
                    kind = group;
                    return;
                }
            }
        }
        token = "";
        kind = "end";
    }

    private boolean is(String sign) {
        return token.equals(sign) && (kind.equals("sign") || kind.equals("name") || kind.equals("end"));
    }

    private boolean take(String sign) throws Malformed {
        if (!is(sign)) {
            return false;
        }
        next();
        return true;
    }

    private void require(String sign) throws Malformed {
        if (!take(sign) && !(sign.isEmpty() && kind.equals("end"))) {
            throw unexpected();
        }
    }

    private Malformed unexpected() {
        return new Malformed(
                kind.equals("end")
                        ? "it ends too early"
                        : "\"" + token + "\" is not expected before column " + (end + 1));
    }

    private void expression() throws Malformed {
        if (++depth > MAX_DEPTH) {
            throw new Malformed("it is nested too deeply");
        }
        or();
        if (take("?")) {
            or();
            require(":");
            expression();
        }
        depth--;
    }

    private void or() throws Malformed {
        do {
            and();
        } while (take("||"));
    }

    private void and() throws Malformed {
        do {
            relation();
        } while (take("&&"));
    }

    private void relation() throws Malformed {
        sum();
        while (RELATIONS.contains(token) && !kind.equals("string")) {
            next();
            sum();
        }
    }

    private void sum() throws Malformed {
        do {
            unary();
        } while (take("+") || take("-") || take("*") || take("/") || take("%"));
    }

    private void unary() throws Malformed {
        if (is("!")) {
            while (take("!")) {}
        } else {
            while (take("-")) {}
        }
        primary();
        while (true) {
            if (take(".")) {
                if (!kind.equals("name")) {
                    throw unexpected();
                }
                next();
                if (take("(")) {
                    list(")", false);
                }
            } else if (take("[")) {
                expression();
                require("]");
            } else if (take("{")) {
                list("}", true);
            } else {
                return;
            }
        }
    }

    private void primary() throws Malformed {
        if (take("(")) {
            expression();
            require(")");
        } else if (take("[")) {
            list("]", false);
        } else if (take("{")) {
            list("}", true);
        } else if (kind.equals("string") || kind.equals("number")) {
            next();
        } else {
            take(".");
            if (!kind.equals("name") || RESERVED.contains(token)) {
                throw unexpected();
            }
            next();
            if (take("(")) {
                list(")", false);
            }
        }
    }

    private void list(String close, boolean pairs) throws Malformed {
        while (!take(close)) {
            expression();
            if (pairs) {
                require(":");
                expression();
            }
            if (!take(",")) {
                require(close);
                return;
            }
            if (close.equals(")") && is(close)) {
                throw unexpected();
            }
        }
    }
}
