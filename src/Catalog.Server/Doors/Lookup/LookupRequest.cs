using System.Runtime.InteropServices;
using System.Text;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Where things are in the message <c>LookupRequest</c>.</summary>
internal ref struct LookupRequest
{
    private const int Service = 1;
    private const int Features = 2;
    private const int KeyColumn = 3;
    private const int SchemaField = 4;
    private const int ReceiptField = 5;

    /// <summary>Whether a service is asked for, and else features.</summary>
    public bool IsService { get; private set; }

    /// <summary>What is asked for: a service's name, or the message <c>FeatureNames</c>.</summary>
    public ReadOnlySpan<byte> Question { get; private set; }

    /// <summary>The schema that the client has.</summary>
    public ulong Schema { get; private set; }

    public bool Receipt { get; private set; }

    /// <exception cref="ProblemException">It does not say what is wanted.</exception>
    public static LookupRequest Of(ReadOnlySpan<byte> message)
    {
        var request = new LookupRequest();
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case Service or Features:
                    request.IsService = fields.Field == Service;
                    request.Question = fields.Bytes();
                    break;
                case SchemaField:
                    request.Schema = (ulong)fields.Fixed();
                    break;
                case ReceiptField:
                    request.Receipt = fields.Whole() != 0;
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return request.Question.IsEmpty ? throw Wrong("features", "Either 'service' or 'features' must be given.") : request;
    }

    /// <summary>The names in the message <c>FeatureNames</c>.</summary>
    public static IReadOnlyList<string> Names(ReadOnlySpan<byte> message)
    {
        var names = new List<string>();
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
                names.Add(fields.Text());
            else
                fields.Skip();
        }

        return names;
    }

    /// <summary>Reads the keys of a message.</summary>
    /// <exception cref="ProblemException">They are not those that the plan needs.</exception>
    public static void ReadKeys(ReadOnlySpan<byte> message, LookupPlan plan, KeyColumns into)
    {
        into.Begin(plan.Read, "keys");
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == KeyColumn)
                ReadColumn(fields.Bytes(), plan, into);
            else
                fields.Skip();
        }

        into.Complete();
    }

    private static void ReadColumn(ReadOnlySpan<byte> message, LookupPlan plan, KeyColumns into)
    {
        const int Numbers = 2;
        const int Values = 3;
        var column = into.Add(PlaceOf(message, plan, into));
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case Numbers when column.AreNumbers && fields.IsDelimited:
                    column.Add(MemoryMarshal.Cast<byte, long>(fields.Bytes()));
                    break;
                case Numbers when column.AreNumbers:
                    column.Add(fields.Fixed());
                    break;
                case Values when !column.AreNumbers:
                    column.Add(fields.Bytes());
                    break;
                case Numbers or Values:
                    throw Wrong(
                        column.Field,
                        $"'{column.Key.Name}' is {column.Key.Type}: give it as {(column.AreNumbers ? "'numbers'" : "'values'")}.");
                default:
                    fields.Skip();
                    break;
            }
        }

        if (column.Count > RowLimit.MostRows)
            throw RowLimit.Exceeded();
    }

    private static int PlaceOf(ReadOnlySpan<byte> column, LookupPlan plan, KeyColumns into)
    {
        var name = ReadOnlySpan<byte>.Empty;
        var fields = new ProtoReader(column);
        while (fields.Next())
        {
            if (fields.Field == 1)
                name = fields.Bytes();
            else
                fields.Skip();
        }

        for (var key = 0; key < plan.KeyNames.Length; key++)
        {
            if (name.SequenceEqual(plan.KeyNames[key]))
                return key;
        }

        throw into.Unknown(Encoding.UTF8.GetString(name));
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
