using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Catalog.Benchmarks;

/// <summary>
/// A real OpenLineage event with holes where its run's id and its time are: whoever writes it gets a new run, at the present time, as a
/// client would send it.
/// </summary>
internal sealed class EventTemplate
{
    private const string RunHole = "@run@";
    private const string TimeHole = "@time@";
    private const int RunBytes = 36;
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private readonly List<byte[]> _parts = [];
    private readonly List<bool> _isRun = [];

    private EventTemplate(JsonObject read)
    {
        if (read["run"] is JsonObject run)
            run["runId"] = RunHole;
        read["eventTime"] = TimeHole;
        var text = read.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        while (FirstHole(text) is { At: >= 0 } hole)
        {
            _parts.Add(Encoding.UTF8.GetBytes(text[..hole.At]));
            _isRun.Add(hole.IsRun);
            text = text[(hole.At + (hole.IsRun ? RunHole : TimeHole).Length)..];
        }

        _parts.Add(Encoding.UTF8.GetBytes(text));
        Bytes = _parts.Sum(p => p.Length) + _isRun.Sum(r => r ? RunBytes : TimeFormat.Length);
    }

    public int Bytes { get; }

    /// <summary>The run events of a folder that are no larger than a hundred kilobytes; larger ones are measured by themselves.</summary>
    public static IReadOnlyList<EventTemplate> Load(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(f => !f.Contains("invalid", StringComparison.Ordinal) && new FileInfo(f).Length < 100_000)
            .Select(f => JsonNode.Parse(File.ReadAllBytes(f)) as JsonObject)
            .Where(e => e?["eventTime"] is not null && e["run"] is JsonObject { } run && run.ContainsKey("runId"))
            .Select(e => new EventTemplate(e ?? [])),
    ];

    public void WriteTo(Stream body) => WriteTo(body, TimeProvider.System.GetUtcNow());

    public void WriteTo(Stream body, DateTimeOffset time)
    {
        Span<byte> filling = stackalloc byte[64];
        for (var i = 0; i < _parts.Count; i++)
        {
            body.Write(_parts[i]);
            if (i == _isRun.Count)
                continue;
            var written = 0;
            _ = _isRun[i]
                ? Guid.CreateVersion7(time).TryFormat(filling, out written)
                : time.UtcDateTime.TryFormat(filling, out written, TimeFormat, CultureInfo.InvariantCulture);
            body.Write(filling[..written]);
        }
    }

    public byte[] Fresh()
    {
        var body = new MemoryStream(Bytes);
        WriteTo(body);
        return body.ToArray();
    }

    private static (int At, bool IsRun) FirstHole(string text)
    {
        var (run, time) = (text.IndexOf(RunHole, StringComparison.Ordinal), text.IndexOf(TimeHole, StringComparison.Ordinal));
        return run >= 0 && (time < 0 || run < time) ? (run, true) : (time, false);
    }
}
