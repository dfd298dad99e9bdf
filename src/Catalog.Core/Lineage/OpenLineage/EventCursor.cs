using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Reads one event member by member and knows where it is. The first thing found wrong is kept as the problem, with its path; reading goes
/// on, so that nothing here needs to throw or to ask after each step.
/// </summary>
internal sealed class EventCursor
{
    private readonly List<(string? Name, int Index)> _path = [];

    public OpenLineageProblem? Problem { get; private set; }

    /// <summary>Steps into a member until the result is disposed.</summary>
    public Step Into(string name)
    {
        _path.Add((name, 0));
        return new Step(this);
    }

    /// <summary>Steps into an item until the result is disposed.</summary>
    public Step Into(int index)
    {
        _path.Add((null, index));
        return new Step(this);
    }

    public void Fail(string detail) => Problem ??= new OpenLineageProblem(Path(), detail);

    public void Fail(string member, string detail)
    {
        using (Into(member))
        {
            Fail(detail);
        }
    }

    /// <summary>An object, or null where the member is absent, null or something else, which is a problem.</summary>
    public JsonElement? Object(JsonElement parent, string name) => Member(parent, name, JsonValueKind.Object, "an object");

    /// <summary>An object that must be given.</summary>
    public JsonElement? RequiredObject(JsonElement parent, string name)
    {
        var found = Object(parent, name);
        if (found is null)
        {
            Fail(name, "must be given, and be an object.");
        }

        return found;
    }

    /// <summary>Each object of an array, with the cursor inside it; nothing where the array is absent or null.</summary>
    public List<T> Each<T>(JsonElement parent, string name, Func<JsonElement, T?> read)
    {
        var all = new List<T>();
        if (Member(parent, name, JsonValueKind.Array, "an array") is not { } array)
        {
            return all;
        }

        using var inside = Into(name);
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            using var at = Into(index++);
            if (item.ValueKind != JsonValueKind.Object)
            {
                Fail("must be an object.");
            }
            else if (read(item) is { } one)
            {
                all.Add(one);
            }
        }

        return all;
    }

    /// <summary>
    /// Each member of an object whose values are objects, with the cursor inside it; nothing where the object is absent or null.
    /// </summary>
    public List<T> EachMember<T>(JsonElement parent, string name, Func<string, JsonElement, T?> read)
    {
        var all = new List<T>();
        if (Object(parent, name) is not { } members)
        {
            return all;
        }

        using var inside = Into(name);
        foreach (var member in members.EnumerateObject())
        {
            var key = JsonText.Name(member);
            using var at = Into(key);
            if (member.Value.ValueKind != JsonValueKind.Object)
            {
                Fail("must be an object.");
            }
            else if (read(key, member.Value) is { } one)
            {
                all.Add(one);
            }
        }

        return all;
    }

    /// <summary>A text; null where it is absent or null.</summary>
    public string? Text(JsonElement parent, string name) =>
        Member(parent, name, JsonValueKind.String, "a text") is { } text ? JsonText.Read(text) : null;

    /// <summary>A text that must be given; empty where it is not.</summary>
    public string RequiredText(JsonElement parent, string name)
    {
        if (Text(parent, name) is { } text)
        {
            return text;
        }

        Fail(name, "must be given, and be a text.");
        return "";
    }

    /// <summary>A word of the client's own. Numbers and the like are taken as they are written.</summary>
    public string? Word(JsonElement parent, string name) => JsonText.Find(parent, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Label.Of(JsonText.Read(text)),
        { } other => Label.Of(other.GetRawText()),
    };

    /// <summary>A word that must be given; empty where it is not.</summary>
    public string RequiredWord(JsonElement parent, string name)
    {
        if (Word(parent, name) is { } word)
        {
            return word;
        }

        Fail(name, "must be given.");
        return "";
    }

    public bool? Flag(JsonElement parent, string name)
    {
        switch (JsonText.Find(parent, name)?.ValueKind)
        {
            case null:
                return null;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Fail(name, "must be true or false.");
                return null;
        }
    }

    /// <summary>A whole number of 64 bits, also where it is written as <c>12.0</c>.</summary>
    public long? Whole(JsonElement parent, string name)
    {
        if (JsonText.Find(parent, name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var whole))
            {
                return whole;
            }

            if (value.TryGetDouble(out var real) && Math.Abs(real) < 1L << 53 && double.IsInteger(real))
            {
                return (long)real;
            }
        }

        Fail(name, "must be a whole number of 64 bits.");
        return null;
    }

    /// <summary>One of a closed list, in upper or lower case; null where it is absent or null.</summary>
    public T? OneOf<T>(JsonElement parent, string name)
        where T : struct, Enum
    {
        if (Text(parent, name) is not { } text)
        {
            return null;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        Fail(name, $"must be one of {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToUpperInvariant()))}.");
        return null;
    }

    /// <summary>A time; null where it is absent or null.</summary>
    public DateTimeOffset? Time(JsonElement parent, string name)
    {
        if (Text(parent, name) is not { } text)
        {
            return null;
        }

        if (EventTime.TryParse(text, out var time))
        {
            return time;
        }

        Fail(name, "must be a time such as 2026-11-24T10:00:00.000Z (ISO 8601; UTC is meant where no offset is given).");
        return null;
    }

    /// <summary>The node that <c>namespace</c> and <c>name</c> of an object make; the default where they cannot.</summary>
    /// <param name="column">Of a dataset, from the member <c>field</c>; null for all of it.</param>
    public NodeId Named(NodeKind kind, JsonElement parent, string? column = null)
    {
        var (ns, name) = (RequiredText(parent, "namespace"), RequiredText(parent, "name"));
        if (Names.Check(ns) is { } badNamespace)
        {
            Fail("namespace", badNamespace + ".");
        }
        else if (Names.Check(name) is { } badName)
        {
            Fail("name", badName + ".");
        }
        else if (column is not null && Names.Check(column) is { } badColumn)
        {
            Fail("field", badColumn + ".");
        }
        else if (NodeId.TryCreate(kind, ns, name, version: null, column, out var node, out var error))
        {
            return node;
        }
        else
        {
            Fail("name", error);
        }

        return default;
    }

    /// <summary>The run of a member <c>runId</c>; null where it is absent, the default where it cannot be one.</summary>
    public NodeId? Run(JsonElement parent)
    {
        if (Text(parent, "runId") is not { } id)
        {
            return null;
        }

        // A UUID is the same in any case; native runs write theirs in lower case.
        var written = Guid.TryParseExact(id, "D", out var uuid) ? uuid.ToString("D") : id;
        if (Names.Check(written) is not { } bad
            && NodeId.TryCreate(NodeKind.Run, "", written, version: null, column: null, out var node, out bad))
        {
            return node;
        }

        Fail("runId", bad.EndsWith('.') ? bad : bad + ".");
        return default(NodeId);
    }

    /// <inheritdoc cref="Run"/>
    public NodeId RequiredRun(JsonElement parent)
    {
        if (Run(parent) is { } run)
        {
            return run;
        }

        Fail("runId", "must be given, and be a text: a UUID is best.");
        return default;
    }

    private JsonElement? Member(JsonElement parent, string name, JsonValueKind kind, string what)
    {
        if (JsonText.Find(parent, name) is not { } found)
        {
            return null;
        }

        if (found.ValueKind == kind)
        {
            return found;
        }

        Fail(name, $"must be {what}.");
        return null;
    }

    /// <summary>As JSONPath writes it (RFC 9535): <c>$.outputs[0].facets.columnLineage.fields['a b']</c>.</summary>
    private string Path()
    {
        var text = new StringBuilder("$");
        foreach (var (name, index) in _path)
        {
            _ = name is null ? text.Append(CultureInfo.InvariantCulture, $"[{index}]")
                : IsPlain(name) ? text.Append('.').Append(name)
                : text.Append("['").Append(Quoted(name)).Append("']");
        }

        return text.ToString();
    }

    private static string Quoted(string name) =>
        Label.Of(name).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);

    private static bool IsPlain(string name) =>
        name.Length is > 0 and < 100 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]);

    /// <summary>Steps back when it is disposed.</summary>
    public readonly struct Step(EventCursor cursor) : IDisposable
    {
        public void Dispose() => cursor._path.RemoveAt(cursor._path.Count - 1);
    }
}
