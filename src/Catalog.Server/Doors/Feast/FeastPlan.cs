using System.Text;
using System.Text.Json;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Feast;

/// <summary>How a question of Feast is answered: the plan, and names as the answer has them.</summary>
internal sealed class FeastPlan
{
    private FeastPlan(ReadPlan read, IReadOnlyList<string> names)
    {
        Read = read;
        Keys = [.. read.Keys.Select(k => new FeastKey(k))];
        Names = names;
        NamesJson = Json(names);
    }

    public ReadPlan Read { get; }

    public IReadOnlyList<FeastKey> Keys { get; }

    /// <summary>Of features, in the order asked.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The same as strings of JSON, with commas between them.</summary>
    public byte[] NamesJson { get; }

    /// <exception cref="ProblemException">Two columns of the answer would have the same name.</exception>
    public static FeastPlan Of(ReadPlan read, bool fullNames)
    {
        IReadOnlyList<string> names = [.. read.Features.Select(f => fullNames ? f.FullName : f.Name)];
        var taken = new HashSet<string>(read.Keys.Select(k => k.Name), StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!taken.Add(name))
            {
                throw new ProblemException(Problem.Field(
                    "request.invalid",
                    "features",
                    $"Two columns of the answer would be called '{name}': ask for them one after the other, or with full_feature_names."));
            }
        }

        return new FeastPlan(read, names);
    }

    /// <summary>Which key a name of the request is, or -1.</summary>
    /// <param name="name">As JSON has it, with quotation marks.</param>
    public int PlaceOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Keys.Count; i++)
        {
            if (name.SequenceEqual(Keys[i].Json))
                return i;
        }

        var json = new Utf8JsonReader(name);
        json.Read();
        for (var i = 0; i < Keys.Count; i++)
        {
            if (json.ValueTextEquals(Keys[i].Key.Name))
                return i;
        }

        return -1;
    }

    /// <summary>Which key a name of the request is, or -1.</summary>
    /// <param name="name">In UTF-8.</param>
    public int PlaceOfText(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Keys.Count; i++)
        {
            if (name.SequenceEqual(Keys[i].Text))
                return i;
        }

        return -1;
    }

    private static byte[] Json(IReadOnlyList<string> names)
    {
        using var to = new AnswerBuffer();
        for (var i = 0; i < names.Count; i++)
        {
            to.Write(i == 0 ? ""u8 : ","u8);
            JsonTexts.WriteText(to, Encoding.UTF8.GetBytes(names[i]));
        }

        return to.WrittenSpan.ToArray();
    }
}

/// <summary>A join key of the request.</summary>
internal sealed class FeastKey
{
    public FeastKey(EntityKey key)
    {
        Key = key;
        Text = Encoding.UTF8.GetBytes(key.Name);
        using var to = new AnswerBuffer();
        JsonTexts.WriteText(to, Text);
        Json = to.WrittenSpan.ToArray();
    }

    public EntityKey Key { get; }

    /// <summary>Its name in UTF-8.</summary>
    public byte[] Text { get; }

    /// <summary>Its name as a string of JSON.</summary>
    public byte[] Json { get; }
}
