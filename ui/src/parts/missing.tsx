// What was looked for and is not there, or may not be seen: the two look the same.
import { ButtonLink } from './button';
import { Empty } from './surface';

export const NotFound = ({ what }: { what: string }) => (
  <div className="page">
    <Empty tall action={<ButtonLink to="/home">Home</ButtonLink>}>
      <h1>{what} was not found.</h1> It does not exist, or you may not see it.
    </Empty>
  </div>
);
