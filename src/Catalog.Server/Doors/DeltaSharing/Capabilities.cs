using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>What the client says that it understands, in the header <c>delta-sharing-capabilities</c>, and what is made of it.</summary>
/// <param name="Format">Of the answer.</param>
/// <param name="EndOfStream">Whether a line is to end it.</param>
internal sealed record Capabilities(ITableFormat Format, bool EndOfStream)
{
    private const string Header = "delta-sharing-capabilities";

    public static Capabilities Of(HttpRequest request)
    {
        var told = Read(request.Headers[Header].ToString());
        var formats = told.GetValueOrDefault("responseformat", []);

        // Tables here have nothing that the plain format could not say, but who takes only the other is not to be turned away.
        ITableFormat format = formats.Contains("delta") && !formats.Contains("parquet")
            ? new DeltaFormat(told.GetValueOrDefault("readerfeatures", []).Contains("timestampntz"))
            : new ParquetFormat();
        return new Capabilities(format, told.GetValueOrDefault("includeendstreamaction", []).Contains("true"));
    }

    /// <summary>Says what of it holds for the answer.</summary>
    public void Tell(HttpResponse response) =>
        response.Headers[Header] = $"responseformat={Format.Name}{(EndOfStream ? ";includeendstreamaction=true" : "")}";

    /// <summary><c>key=value,value;key=value</c>, in any case.</summary>
    private static Dictionary<string, string[]> Read(string header)
    {
        var told = new Dictionary<string, string[]>(StringComparer.Ordinal);
        const StringSplitOptions Clean = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (var part in header.ToLowerInvariant().Split(';', Clean))
        {
            if (part.Split('=', Clean) is [var key, var values])
                told[key] = values.Split(',', Clean);
        }

        return told;
    }
}
