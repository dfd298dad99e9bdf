using System.Text.Json;
using Catalog.Platform;

namespace Catalog.Access;

/// <summary>
/// Which streams of the log a caller may see, as the gate says: who may read a node may read the facts about it; facts about keys, and
/// about whatever is no node, are for administrators. Answers are remembered, because answers of many facts ask of the same streams.
/// </summary>
internal sealed class Sight(Gate gate)
{
    private const int Remembered = 10_000;

    private readonly Dictionary<string, bool> _answers = new(StringComparer.Ordinal);

    /// <summary>Whether the facts of a stream may be shown.</summary>
    public bool Shows(string stream)
    {
        if (_answers.TryGetValue(stream, out var shown))
            return shown;
        if (_answers.Count >= Remembered)
            _answers.Clear();
        return _answers[stream] = MaySee(stream);
    }

    /// <summary>Whether what is known of a node may be shown.</summary>
    public bool Shows(NodeId node) => Shows(node.StreamId);

    /// <summary>
    /// Whether a fact may be shown whole: it may name others than its own thing, such as what a run read, and leaves with all that it
    /// names.
    /// </summary>
    /// <param name="stream">That it stands on.</param>
    /// <param name="json">What it says.</param>
    public bool Shows(string stream, ReadOnlySpan<byte> json)
    {
        if (!Shows(stream))
            return false;
        var reader = new Utf8JsonReader(json);
        while (!gate.SeesAll && reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueSpan.Contains((byte)':')
                && NodeId.TryParse(reader.GetString(), out var named, out _) && !Shows(named))
                return false;
        }

        return true;
    }

    /// <summary>Asks anew from here on, because what the caller may see can have changed.</summary>
    public void Forget() => _answers.Clear();

    private bool MaySee(string stream) => stream switch
    {
        CatalogState.Stream => gate.Lets(Act.Read, resource: null),
        _ when NodeId.TryParse(stream, out var node, out _) => gate.Lets(Act.Read, node),
        _ => gate.Lets(Act.ManageKeys, resource: null),
    };
}
