// What was looked for and is not there, or may not be seen: the two look the same.
import { ButtonLink } from './button';
import { Empty } from './surface';

export const NotFound = ({ what }: { what: string }) => (
  <div className="page">
    <Empty action={<ButtonLink to="/home">Home</ButtonLink>}>
      <b>{what} was not found.</b> It does not exist, or you may not see it.
    </Empty>
  </div>
);
