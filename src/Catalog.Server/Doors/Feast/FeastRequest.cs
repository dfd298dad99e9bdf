using System.Text;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>Where things are in the message <c>feast.serving.GetOnlineFeaturesRequest</c>.</summary>
internal ref struct FeastRequest
{
    private const int FeatureService = 1;
    private const int Features = 2;
    private const int Entities = 3;
    private const int FullNames = 4;

    /// <summary>Whether a service is asked for, and else features.</summary>
    public bool IsService { get; private set; }

    /// <summary>What is asked for: a service's name, or the message <c>FeatureList</c>.</summary>
    public ReadOnlySpan<byte> Question { get; private set; }

    public bool FullFeatureNames { get; private set; }

    /// <exception cref="ProblemException">It does not say what is wanted.</exception>
    public static FeastRequest Of(ReadOnlySpan<byte> message)
    {
        var request = new FeastRequest();
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case FeatureService or Features:
                    request.IsService = fields.Field == FeatureService;
                    request.Question = fields.Bytes();
                    break;
                case FullNames:
                    request.FullFeatureNames = fields.Whole() != 0;
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return request.Question.IsEmpty
            ? throw new ProblemException(Problem.Field(
                "request.invalid", "features", "Either 'features' or 'feature_service' must be given."))
            : request;
    }

    /// <summary>Reads the entities of a message: a map of join keys to values.</summary>
    /// <exception cref="ProblemException">They are not the keys that the plan needs.</exception>
    public static void ReadKeys(ReadOnlySpan<byte> message, FeastPlan plan, KeyColumns into)
    {
        into.Begin(plan.Read, "entities");
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == Entities)
                ReadColumn(fields.Bytes(), plan, into);
            else
                fields.Skip();
        }

        into.Complete();
    }

    private static void ReadColumn(ReadOnlySpan<byte> entry, FeastPlan plan, KeyColumns into)
    {
        ReadOnlySpan<byte> name = [], values = [];
        var fields = new ProtoReader(entry);
        while (fields.Next())
        {
            if (fields.Field == 1)
                name = fields.Bytes();
            else if (fields.Field == 2)
                values = fields.Bytes();
            else
                fields.Skip();
        }

        var key = plan.PlaceOfText(name);
        if (key < 0)
            throw into.Unknown(Encoding.UTF8.GetString(name));
        FeastProtoKeys.Read(values, into.Add(key));
    }
}
